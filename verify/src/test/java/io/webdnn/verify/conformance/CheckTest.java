package io.webdnn.verify.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.cli.Main;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckTest {
    @TempDir Path directory;

    /// Two branches of four nodes each, and their sum.
    private static Graph network() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 2, 3));
        var w = g.constant("w", Tensor.of(new float[] {1, 2, 3, -4, 5, -6, 7, 8, 9}, 3, 3));
        var left = g.applyAll(new Tanh(), "left", List.of(g.apply(new MatMul(), x, w))).getFirst();
        var right = g.applyAll(new Tanh(), "right", List.of(g.apply(new Relu(), x))).getFirst();
        var sum =
                g.applyAll(
                                new Add(),
                                "sum",
                                List.of(g.apply(new Relu(), left), g.apply(new Relu(), right)))
                        .getFirst();
        return g.build(Map.of("y", g.applyAll(new Sigmoid(), "end", List.of(sum)).getFirst()));
    }

    /// The JVM, but for one node, which computes something else there.
    private static Target broken(String name) {
        return new Target() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public Tolerance tolerance() {
                return Tolerance.EXACT_ARITHMETIC;
            }

            @Override
            public Program compile(Graph graph) {
                var changed =
                        graph.rewrite((node, g) ->
                                node.name().equals(name)
                                        ? List.of(g.apply(new Sigmoid(), node.input(0)))
                                        : node.outputs());
                return io.webdnn.compiler.Program.compile(changed)::run;
            }
        };
    }

    @Test
    void theFirstNodeThatDiffersIsNamed() throws Exception {
        var graph = network();
        var inputs = CheckCommand.random(graph, 1);
        for (var name : List.of("left", "right")) {
            var found = new FirstDifference(graph, inputs, new JvmTarget(), broken(name)).find();
            assertThat(found).isPresent();
            assertThat(found.orElseThrow().node().name()).isEqualTo(name);
            assertThat(CheckCommand.line(graph, found.orElseThrow(), "broken"))
                    .startsWith("broken differs from jvm first at Tanh '" + name + "' (node ")
                    .containsPattern(" of 8\\): \\d of 6 elements are wrong, the worst at ");
        }
        assertThat(new FirstDifference(graph, inputs, new JvmTarget(), broken("none")).find())
                .isEmpty();
    }

    private record Run(int exitCode, String output) {}

    private static Run check(String... arguments) {
        var output = new StringWriter();
        var writer = new PrintWriter(output, true);
        var all = new String[arguments.length + 1];
        all[0] = "check";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return new Run(Main.run(writer, writer, all), output.toString());
    }

    @Test
    void theCommandSaysThatATargetIsRight() throws IOException {
        var file = Files.write(directory.resolve("m.onnx"), OnnxExporter.bytes(network()));
        assertThat(check(file.toString(), "--target", "interpreter"))
                .isEqualTo(
                        new Run(
                                0,
                                file
                                        + ": interpreter gives what jvm gives (8 nodes, 1 outputs)\n"));
        var x = directory.resolve("x.npy");
        Npy.write(x, Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        assertThat(
                        check(file.toString(), "--target", "interpreter", "--input", x.toString())
                                .exitCode())
                .isZero();
        assertThat(
                        check(
                                file.toString(),
                                "--target",
                                "interpreter",
                                "--input",
                                x.toString(),
                                x.toString()))
                .isEqualTo(
                        new Run(
                                2,
                                "webdnn check: --input: expected one file for each of the 1 inputs,"
                                        + " got 2\n"));
    }
}
