package io.webdnn.verify.shader;

import static io.webdnn.compiler.loop.Build.constant;
import static io.webdnn.verify.shader.ShaderCase.Expected.exactly;

import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// What only WebGL has: several targets, textures of several rows.
final class TextureSuite {
    private TextureSuite() {}

    static List<ShaderCase> cases() {
        var cases = new ArrayList<ShaderCase>();
        var global = new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0);
        for (var type : List.of(ScalarType.FLOAT32, ScalarType.INT32, ScalarType.UINT32)) {
            int texels = 75; // three rows, the last one not full
            var x = new KernelBuffer("x", type, 4, KernelBuffer.Access.READ);
            var y = new KernelBuffer("y", type, 4, KernelBuffer.Access.WRITE);
            var z = new KernelBuffer("z", type, 4, KernelBuffer.Access.WRITE);
            var back =
                    new Term.Load(
                            x,
                            new Term.Combine(
                                    Binary.Operator.SUBTRACT, constant(texels - 1), global),
                            4);
            var kernel =
                    new Kernel(
                            "k",
                            "test",
                            List.of(x, y, z),
                            List.of(),
                            List.of(),
                            Grid.linear(Dimension.of(texels), 1),
                            Stmt.Block.of(
                                    new Stmt.Store(y, global, back),
                                    new Stmt.Store(z, global, new Term.Lane(back, constant(1)))));
            var values = StatementSuite.values(4 * texels, i -> 2 * i);
            cases.add(
                    new ShaderCase(
                            "two targets, several rows " + type + " webgl",
                            "webgl",
                            kernel,
                            List.of(
                                    OperatorCases.words(type, values, 4 * texels),
                                    new int[4 * texels],
                                    new int[4 * texels]),
                            List.of(),
                            List.of(
                                    exactly(
                                            StatementSuite.values(
                                                    4 * texels,
                                                    i -> 2 * (4 * (texels - 1 - i / 4) + i % 4))),
                                    exactly(
                                            StatementSuite.values(
                                                    4 * texels,
                                                    i ->
                                                            i % 4 == 0
                                                                    ? 2
                                                                            * (4
                                                                                            * (texels
                                                                                                    - 1
                                                                                                    - i
                                                                                                            / 4)
                                                                                    + 1)
                                                                    : 0)))));
        }
        return cases;
    }
}
