package io.webdnn.verify.shader;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/// Kernels of one operation each over a list of operands, in every form that a dialect prints
/// differently: scalars and four lanes on both targets, and operands that are literals.
final class OperatorCases {
    private static final KernelBuffer.Access READ = KernelBuffer.Access.READ;

    /// What is tested: an operation on terms and on numbers.
    interface Operation {
        Term apply(List<Term> operands);
    }

    /// The operation in double arithmetic, written without the code under test.
    interface Oracle {
        double apply(double[] operands);
    }

    private final List<ShaderCase> cases = new ArrayList<>();

    List<ShaderCase> cases() {
        return cases;
    }

    void unary(
            String name,
            ScalarType in,
            ScalarType out,
            double[] values,
            java.util.function.UnaryOperator<Term> operation,
            DoubleUnaryOperator oracle,
            double ulps,
            double absolute) {
        add(
                name,
                List.of(in),
                out,
                List.of(values),
                o -> operation.apply(o.getFirst()),
                x -> oracle.applyAsDouble(x[0]),
                ulps,
                absolute);
    }

    /// Each left operand with each right one.
    void binary(
            String name,
            ScalarType in,
            ScalarType out,
            double[] left,
            double[] right,
            java.util.function.BinaryOperator<Term> operation,
            DoubleBinaryOperator oracle,
            double ulps) {
        var a = DoubleStream.builder();
        var b = DoubleStream.builder();
        for (double x : left) {
            for (double y : right) {
                a.add(x);
                b.add(y);
            }
        }
        add(
                name,
                List.of(in, in),
                out,
                List.of(a.build().toArray(), b.build().toArray()),
                o -> operation.apply(o.get(0), o.get(1)),
                x -> oracle.applyAsDouble(x[0], x[1]),
                ulps,
                0);
    }

    void add(
            String name,
            List<ScalarType> in,
            ScalarType out,
            List<double[]> values,
            Operation operation,
            Oracle oracle,
            double ulps,
            double absolute) {
        int n = (values.getFirst().length + 3) / 4 * 4;
        var contents = new ArrayList<int[]>();
        for (int k = 0; k < in.size(); k++) contents.add(words(in.get(k), values.get(k), n));
        var want = new double[values.getFirst().length];
        for (int i = 0; i < want.length; i++) {
            var operands = new double[in.size()];
            for (int k = 0; k < operands.length; k++)
                operands[k] = in.get(k).isFloat() ? (float) values.get(k)[i] : values.get(k)[i];
            want[i] = oracle.apply(operands);
        }
        contents.add(new int[n]);
        var expected = List.of(new ShaderCase.Expected(want, ulps, absolute));
        for (var target : List.of("webgpu", "webgl")) {
            for (int lanes : new int[] {1, 4}) {
                var kernel = kernel(target, lanes, in, out, n, operation);
                cases.add(
                        new ShaderCase(
                                name + " " + target + " x" + lanes,
                                target,
                                kernel,
                                contents,
                                List.of(),
                                expected));
            }
            var literal = literals(target, in, out, values, n, operation);
            cases.add(
                    new ShaderCase(
                            name + " " + target + " of literals",
                            target,
                            literal,
                            List.of(new int[n]),
                            List.of(),
                            expected));
        }
    }

    private static ScalarType stored(ScalarType type) {
        return type == ScalarType.BOOL ? ScalarType.INT32 : type;
    }

    private static Term store(ScalarType type, Term value) {
        return type == ScalarType.BOOL ? new Term.Convert(ScalarType.INT32, value) : value;
    }

    private static Term loaded(ScalarType type, Term value) {
        return type == ScalarType.BOOL ? new Term.Convert(ScalarType.BOOL, value) : value;
    }

    private static Kernel kernel(
            String target,
            int lanes,
            List<ScalarType> in,
            ScalarType out,
            int n,
            Operation operation) {
        boolean webgl = target.equals("webgl");
        int unit = webgl ? 4 : lanes;
        var buffers = new ArrayList<KernelBuffer>();
        var g = new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0);
        var operands = new ArrayList<Term>();
        for (int k = 0; k < in.size(); k++) {
            var buffer = new KernelBuffer("x" + k, stored(in.get(k)), unit, READ);
            buffers.add(buffer);
            operands.add(loaded(in.get(k), new Term.Load(buffer, g, unit)));
        }
        var result = new KernelBuffer("y", stored(out), unit, KernelBuffer.Access.WRITE);
        buffers.add(result);
        Term value;
        if (webgl && lanes == 1) {
            var parts = new ArrayList<Term>();
            for (int l = 0; l < 4; l++) {
                var lane = Build.constant(l);
                parts.add(
                        store(
                                out,
                                operation.apply(
                                        operands.stream()
                                                .map(o -> (Term) new Term.Lane(o, lane))
                                                .toList())));
            }
            value = new Term.Vector(parts);
        } else {
            value = store(out, operation.apply(operands));
        }
        var count = n / unit;
        Stmt body = new Stmt.Store(result, g, value);
        if (!webgl)
            body =
                    new Stmt.If(
                            Build.less(g, Build.constant(count)),
                            Stmt.Block.of(body),
                            Stmt.Block.of());
        return new Kernel(
                "case",
                "test",
                buffers,
                List.of(),
                List.of(),
                webgl
                        ? new Grid(List.of(Dimension.of(count)), List.of(1))
                        : Grid.linear(Dimension.of(count), 32),
                Stmt.Block.of(body));
    }

    /// All operands are literals: invocation 0 (or texel t) stores a chain of constants.
    private static Kernel literals(
            String target,
            List<ScalarType> in,
            ScalarType out,
            List<double[]> values,
            int n,
            Operation operation) {
        boolean webgl = target.equals("webgl");
        var result = new KernelBuffer("y", stored(out), webgl ? 4 : 1, KernelBuffer.Access.WRITE);
        var g = new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0);
        var statements = new ArrayList<Stmt>();
        var texel = new Term.Variable("texel", LoopType.of(stored(out)).withLanes(4));
        if (webgl) statements.add(new Stmt.Declare(texel, Build.constant(texel.type(), 0)));
        int count = values.getFirst().length;
        for (int i = 0; i < count; i += webgl ? 4 : 1) {
            if (webgl) {
                var lanes = new ArrayList<Term>();
                for (int l = 0; l < 4; l++)
                    lanes.add(literal(in, out, values, Math.min(i + l, count - 1), operation));
                statements.add(
                        new Stmt.If(
                                equal(g, i / 4),
                                Stmt.Block.of(new Stmt.Assign(texel, new Term.Vector(lanes))),
                                Stmt.Block.of()));
            } else {
                statements.add(
                        new Stmt.Store(
                                result, Build.constant(i), literal(in, out, values, i, operation)));
            }
        }
        if (webgl) statements.add(new Stmt.Store(result, g, texel));
        return new Kernel(
                "literals",
                "test",
                List.of(result),
                List.of(),
                List.of(),
                new Grid(List.of(Dimension.of(webgl ? n / 4 : 1)), List.of(1)),
                new Stmt.Block(statements));
    }

    private static Term equal(Term a, long b) {
        return new Term.Combine(io.webdnn.graph.expr.Binary.Operator.EQUAL, a, Build.constant(b));
    }

    private static Term literal(
            List<ScalarType> in,
            ScalarType out,
            List<double[]> values,
            int i,
            Operation operation) {
        var operands = new ArrayList<Term>();
        for (int k = 0; k < in.size(); k++)
            operands.add(Build.constant(LoopType.of(in.get(k)), values.get(k)[i]));
        return store(out, operation.apply(operands));
    }

    static int[] words(ScalarType type, double[] values, int n) {
        var words = new int[n];
        for (int i = 0; i < values.length; i++)
            words[i] =
                    type.isFloat()
                            ? Float.floatToRawIntBits((float) values[i])
                            : (int) (long) values[i];
        return words;
    }
}
