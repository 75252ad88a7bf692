package io.webdnn.graph.pass;

import static io.webdnn.tensor.DType.FLOAT32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.GraphText;
import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Pow;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class PassTest {
    private static String after(
            Pass pass, TensorType type, BiFunction<Graph.Builder, Value, Operand> build) {
        return GraphText.of(apply(pass, type, build));
    }

    private static Graph apply(
            Pass pass, TensorType type, BiFunction<Graph.Builder, Value, Operand> build) {
        var g = Graph.builder();
        var y = build.apply(g, g.input("x", type));
        return pass.apply(g.build(Map.of("y", y)));
    }

    private static TensorType f32(int... shape) {
        return TensorType.of(FLOAT32, shape);
    }

    @Test
    void constantsAreFolded() {
        var text =
                after(
                        new FoldConstants(),
                        f32(2),
                        (g, x) -> {
                            var three =
                                    g.apply(
                                            new Mul(),
                                            g.scalar(FLOAT32, 2),
                                            g.scalar(FLOAT32, 1.5));
                            return g.apply(new Add(), x, g.apply(new Add(), three, three));
                        });
        assertThat(text)
                .isEqualTo(
                        """
                        input x: float32[2]
                        constant constant: float32[] = [6.0]
                        Add: float32[2] = Add(x, constant)
                        output y = Add
                        """);
    }

    /// Extents, kernels, strides, paddings and groups of all kinds, against the definition.
    @Test
    void transposedConvolutionsAreConvolutionsOfPhases() {
        var random = new Random(7);
        for (int trial = 0; trial < 60; trial++) {
            int axes = 1 + trial % 3;
            int group = 1 + trial / 3 % 2;
            var windows = new ArrayList<Window>();
            var more = new ArrayList<Integer>();
            var x = new int[axes + 2];
            var w = new int[axes + 2];
            x[0] = 1 + random.nextInt(2);
            x[1] = w[0] = group * (1 + random.nextInt(2));
            w[1] = 1 + random.nextInt(3);
            for (int d = 0; d < axes; d++) {
                int stride = 1 + random.nextInt(3);
                x[d + 2] = 2 + random.nextInt(3);
                w[d + 2] = 1 + random.nextInt(5);
                int most = (w[d + 2] + 1) / 2;
                windows.add(new Window(stride, 1, random.nextInt(most), random.nextInt(most)));
                more.add(random.nextInt(stride));
            }
            var g = Graph.builder();
            var input = g.input("x", TensorType.of(FLOAT32, x));
            var inputs = new ArrayList<Operand>(List.of(input, g.constant(random(w, random))));
            if (trial % 2 == 0) inputs.add(g.constant(random(new int[] {w[1] * group}, random)));
            var op = new ConvTranspose(windows, group, more);
            var graph = g.build(Map.of("y", g.applyAll(op, inputs).getFirst()));
            var split = new SplitTransposedConvolutions().apply(graph);
            boolean steps = windows.stream().anyMatch(window -> window.stride() > 1);
            for (int d = 0; d < axes; d++) steps &= windows.get(d).stride() <= w[d + 2];
            assertThat(GraphText.of(split).contains("ConvTranspose")).isEqualTo(!steps);
            var given = List.of(random(x, random));
            var expected = Interpreter.run(graph, given).getFirst();
            var actual = Interpreter.run(split, given).getFirst();
            assertThat(actual.toShape()).isEqualTo(expected.toShape());
            assertThat(actual.floats())
                    .as(op + "")
                    .containsExactly(expected.floats(), within(1e-5f));
        }
    }

    @Test
    void phasesOfSymbolicExtentsHaveThoseOfTheTransposedConvolution() {
        var g = Graph.builder();
        var extents = List.of(Dimension.symbol("N"), Dimension.of(2), Dimension.symbol("T"));
        var x = g.input("x", new TensorType(FLOAT32, new io.webdnn.tensor.Shape(extents)));
        var w = g.constant(random(new int[] {2, 3, 5}, new Random(1)));
        var op = new ConvTranspose(List.of(new Window(2, 1, 1, 2)), 1, List.of(1));
        var graph = g.build(Map.of("y", g.apply(op, x, w)));
        var split = new SplitTransposedConvolutions().apply(graph);
        assertThat(split.outputs().getFirst().type()).isEqualTo(graph.outputs().getFirst().type());
        var given = List.of(random(new int[] {2, 2, 7}, new Random(2)));
        assertThat(Interpreter.run(split, given).getFirst().floats())
                .containsExactly(Interpreter.run(graph, given).getFirst().floats(), within(1e-5f));
    }

    private static Tensor random(int[] shape, Random random) {
        var tensor = Tensor.zeros(FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.floats()[i] = random.nextFloat() - 0.5f;
        return tensor;
    }

    @Test
    void concatenationsOfManyAreOfGroups() {
        var text =
                after(
                        new GroupOperands(3),
                        f32(2),
                        (g, x) -> g.applyAll(new Concat(0), Collections.nCopies(10, x)).getFirst());
        assertThat(text.lines().filter(line -> line.contains("Concat[")))
                .hasSize(5); // 3 of 3, 1 of these, and it with the last
        assertThat(text).contains("float32[20] = Concat");
    }

    @Test
    void theShapeOfAFixedShapeIsFolded() {
        var text =
                after(
                        new FoldConstants(),
                        f32(2, 3),
                        (g, x) -> g.apply(new Shape(0, 2), g.apply(new Relu(), x)));
        assertThat(text)
                .isEqualTo(
                        """
                        input x: float32[2, 3]
                        constant constant: int64[2] = [2, 3]
                        output y = constant
                        """);
    }

    @Test
    void aSmallConstantDoesNotGrowLarge() {
        var text =
                after(
                        new FoldConstants(),
                        f32(1),
                        (g, x) -> g.apply(new Expand(), g.scalar(FLOAT32, 1), g.vector(100, 100)));
        assertThat(text).contains("Expand(constant, constant.2)");
    }

    @Test
    void weightsMayStayNarrow() {
        BiFunction<Graph.Builder, Value, Operand> graph =
                (g, x) -> {
                    var bytes = g.constant(Tensor.zeros(DType.INT8, 100, 100));
                    var few = g.constant(Tensor.zeros(DType.INT8, 10, 100));
                    return g.apply(
                            new Concat(0),
                            g.apply(new Cast(FLOAT32), bytes),
                            g.apply(new Cast(FLOAT32), few));
                };
        assertThat(after(new FoldConstants(false), f32(1), graph)).containsOnlyOnce("= Cast[");
        assertThat(after(new FoldConstants(true), f32(1), graph)).doesNotContain("= Cast[");
    }

    @Test
    void whatDependsOnAnInputStays() {
        BiFunction<Graph.Builder, Value, Operand> graph =
                (g, x) -> g.apply(new Add(), x, g.scalar(FLOAT32, 1));
        assertThat(after(new FoldConstants(), f32(2), graph))
                .isEqualTo(after(p -> p, f32(2), graph));
    }

    @Test
    void identitiesGo() {
        var text =
                after(
                        new RemoveIdentities(),
                        f32(2, 3),
                        (g, x) -> {
                            var a = g.apply(new Identity(), x);
                            var b = g.apply(new Cast(FLOAT32), a);
                            var c = g.apply(Transpose.of(0, 1), b);
                            var d = g.apply(new Reshape(), c, g.vector(2, -1));
                            var e = g.apply(new Expand(), d, g.vector(2, 3));
                            return g.apply(new Relu(), e);
                        });
        assertThat(text)
                .isEqualTo(
                        """
                        input x: float32[2, 3]
                        Relu: float32[2, 3] = Relu(x)
                        output y = Relu
                        """);
    }

    @Test
    void whatChangesSomethingIsNoIdentity() {
        BiFunction<Graph.Builder, Value, Operand> graph =
                (g, x) -> {
                    var a = g.apply(Transpose.of(1, 0), x);
                    var b = g.apply(new Reshape(), a, g.vector(1, 9));
                    return g.apply(new Cast(DType.FLOAT64), b);
                };
        assertThat(after(new RemoveIdentities(), f32(3, 3), graph))
                .isEqualTo(after(p -> p, f32(3, 3), graph));
    }

    @Test
    void zerosBetweenTapsAreDilation() {
        // taps 0 and 2 of the rows, all of the columns; a depthwise convolution of two channels
        var w = Tensor.of(new float[] {1, 2, 0, 0, 3, 4, 5, 0, 0, 0, 0, 7}, 2, 1, 3, 2);
        var windows = List.of(new Window(2, 1, 1, 0), new Window(1, 3, 0, 1));
        BiFunction<Graph.Builder, Value, Operand> graph =
                (g, x) -> g.apply(new Conv(windows, 2), x, g.constant(w));
        var found = apply(new FindDilations(), f32(1, 2, 7, 9), graph);
        var conv = found.nodes().getLast();
        assertThat(conv.op())
                .isEqualTo(new Conv(List.of(new Window(2, 2, 1, 0), new Window(1, 3, 0, 1)), 2));
        assertThat(Objects.requireNonNull(conv.input(1).constant()).floats())
                .containsExactly(1, 2, 3, 4, 5, 0, 0, 7);
        var x = Tensor.zeros(FLOAT32, 1, 2, 7, 9);
        for (int i = 0; i < x.size(); i++) x.setDouble(i, i * i % 13 - 6);
        var before = Interpreter.run(apply(p -> p, f32(1, 2, 7, 9), graph), List.of(x)).getFirst();
        assertThat(Interpreter.run(found, List.of(x)).getFirst().contentEquals(before)).isTrue();
    }

    @Test
    void tapsThatAreNotEvenlyApartStay() {
        for (var row :
                List.of(
                        new float[] {1, 0, 0, 2, 3},
                        new float[] {0, 1, 0, 1, 0},
                        new float[] {0, 0, 0, 0, 0})) {
            BiFunction<Graph.Builder, Value, Operand> graph =
                    (g, x) ->
                            g.apply(
                                    new Conv(List.of(Window.PLAIN), 1),
                                    x,
                                    g.constant(Tensor.of(row, 1, 1, 5)));
            assertThat(after(new FindDilations(), f32(1, 1, 9), graph))
                    .isEqualTo(after(p -> p, f32(1, 1, 9), graph));
        }
    }

    @Test
    void smallPowersAreProducts() {
        var text =
                after(
                        new MultiplyPowers(),
                        f32(2, 3),
                        (g, x) -> {
                            var square = g.apply(new Pow(), x, g.scalar(FLOAT32, 2));
                            return g.apply(new Pow(), square, g.vector(3));
                        });
        assertThat(text).contains("Mul(x, x)").doesNotContain("Pow");
    }

    @Test
    void otherPowersStay() {
        BiFunction<Graph.Builder, Value, Operand> root =
                (g, x) -> g.apply(new Pow(), x, g.scalar(FLOAT32, 0.5));
        BiFunction<Graph.Builder, Value, Operand> vector =
                (g, x) -> g.apply(new Pow(), x, g.vector(2, 2, 3));
        BiFunction<Graph.Builder, Value, Operand> raised = // the exponent adds an axis
                (g, x) ->
                        g.apply(
                                new Pow(),
                                x,
                                g.apply(new Reshape(), g.vector(2), g.vector(1, 1, 1)));
        BiFunction<Graph.Builder, Value, Operand> narrow =
                (g, x) ->
                        g.apply(
                                new Pow(),
                                g.apply(new Cast(DType.FLOAT16), x),
                                g.scalar(FLOAT32, 3));
        for (var graph : List.of(root, vector, raised, narrow))
            assertThat(after(new FoldConstants().then(new MultiplyPowers()), f32(2, 3), graph))
                    .contains("Pow");
    }

    @Test
    void transposesMerge() {
        var text =
                after(
                        new MergeTransposes(),
                        f32(2, 3, 4),
                        (g, x) -> {
                            var a = g.apply(Transpose.of(1, 2, 0), x);
                            return g.apply(new Relu(), g.apply(Transpose.of(0, 2, 1), a));
                        });
        assertThat(text).contains("= Transpose[permutation=[1, 0, 2]](x)").contains("Relu");
        var back =
                after(
                        new MergeTransposes(),
                        f32(2, 3, 4),
                        (g, x) ->
                                g.apply(Transpose.of(2, 0, 1), g.apply(Transpose.of(1, 2, 0), x)));
        assertThat(back).isEqualTo("input x: float32[2, 3, 4]\noutput y = x\n");
    }

    @Test
    void equalNodesBecomeOne() {
        var text =
                after(
                        new MergeCommonSubexpressions(),
                        f32(2),
                        (g, x) -> {
                            var a = g.apply(new Mul(), x, g.scalar(FLOAT32, 2));
                            var b = g.apply(new Mul(), x, g.scalar(FLOAT32, 2));
                            var c = g.apply(new Mul(), x, g.scalar(FLOAT32, 3));
                            return g.apply(
                                    new Add(),
                                    g.apply(
                                            new Add(),
                                            g.apply(new Relu(), a),
                                            g.apply(new Relu(), b)),
                                    c);
                        });
        assertThat(text)
                .isEqualTo(
                        """
                        input x: float32[2]
                        constant constant: float32[] = [2.0]
                        Mul: float32[2] = Mul(x, constant)
                        Relu: float32[2] = Relu(Mul)
                        Add: float32[2] = Add(Relu, Relu)
                        constant constant.2: float32[] = [3.0]
                        Mul.2: float32[2] = Mul(x, constant.2)
                        Add.2: float32[2] = Add(Add, Mul.2)
                        output y = Add.2
                        """);
    }

    private static Tensor random(int seed, int... shape) {
        var random = new Random(seed);
        var tensor = Tensor.zeros(FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, 0.5 + random.nextDouble());
        return tensor;
    }

    private static Graph normalized(Op product, int[] x, int[] w, boolean bias, boolean twice) {
        var g = Graph.builder();
        int m = product instanceof Gemm(_, _, _, var transB) && !transB ? w[1] : w[0];
        var inputs = new ArrayList<Operand>();
        inputs.add(g.input("x", f32(x)));
        inputs.add(g.constant("W", random(1, w)));
        if (bias) inputs.add(g.constant("B", random(2, m)));
        var y = g.applyAll(product, inputs).getFirst();
        var parameters = new ArrayList<Operand>(List.of(y));
        for (int i = 0; i < 4; i++) parameters.add(g.constant("p" + i, random(3 + i, m)));
        var z = g.applyAll(new BatchNormalization(1e-3f), parameters).getFirst();
        return g.build(Map.of("z", twice ? g.add(z, y) : z));
    }

    @Test
    void batchNormalizationGoesIntoTheWeights() {
        var graphs =
                List.of(
                        normalized(
                                Conv.of2d(1, 1),
                                new int[] {2, 3, 4, 4},
                                new int[] {5, 3, 3, 3},
                                true,
                                false),
                        normalized(
                                Conv.of2d(1, 1),
                                new int[] {2, 3, 4, 4},
                                new int[] {5, 3, 3, 3},
                                false,
                                false),
                        normalized(
                                new Gemm(false, true),
                                new int[] {2, 3},
                                new int[] {5, 3},
                                true,
                                false),
                        normalized(
                                new Gemm(false, false),
                                new int[] {2, 3},
                                new int[] {3, 5},
                                false,
                                false));
        for (var graph : graphs) {
            var after = new FoldBatchNormalization().then(new FoldConstants()).apply(graph);
            assertThat(after.nodes()).hasSize(1);
            var x = random(9, graph.inputs().getFirst().type().shape().toInts());
            var expected = Interpreter.run(graph, List.of(x)).getFirst();
            var actual = Interpreter.run(after, List.of(x)).getFirst();
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.getDouble(i))
                        .isCloseTo(
                                expected.getDouble(i),
                                within(1e-5 * Math.abs(expected.getDouble(i)) + 1e-5));
            }
        }
    }

    @Test
    void batchNormalizationOfWhatOthersReadStays() {
        var graph =
                normalized(
                        Conv.of2d(1, 1),
                        new int[] {2, 3, 4, 4},
                        new int[] {5, 3, 3, 3},
                        true,
                        true);
        assertThat(GraphText.of(new FoldBatchNormalization().apply(graph)))
                .isEqualTo(GraphText.of(graph));
    }

    /// Of a count less one only the low 32 bits are asked for; of the other sum more.
    @Test
    void sumsThatBecomeNarrowAreNarrow() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.INT64, 2, 3));
        var sum = g.apply(new ReduceSum(false), x, g.vector(1));
        var less = g.sub(sum, g.scalar(DType.INT64, (1L << 33) + 1));
        var read = g.apply(new ReduceSum(false), g.mul(x, x), g.vector(1));
        var graph =
                g.build(
                        Map.of(
                                "y", g.cast(less, DType.INT32),
                                "z", g.cast(read, DType.INT32),
                                "wide", read));
        var narrow = new NarrowSums().apply(graph);
        var wide =
                narrow.nodes().stream()
                        .filter(node -> node.outputs().getFirst().type().dtype() == DType.INT64)
                        .map(node -> node.op().name())
                        .toList();
        assertThat(wide).containsExactly("Mul", "ReduceSum");
        var given = List.of(Tensor.of(new long[] {1, 2, 1L << 40, -5, 1L << 31, 7}, 2, 3));
        assertThat(outputs(narrow, given)).isEqualTo(outputs(graph, given));
    }

    private static List<Long> outputs(Graph graph, List<Tensor> inputs) {
        var numbers = new ArrayList<Long>();
        for (var tensor : Interpreter.run(graph, inputs))
            for (int i = 0; i < tensor.size(); i++) numbers.add(tensor.getLong(i));
        return numbers;
    }

    @Test
    void compositionsAreExpanded() {
        var text =
                after(
                        new ExpandCompositions(),
                        f32(1, 2, 3, 3),
                        (g, x) -> g.apply(new GlobalAveragePool(), x));
        assertThat(text).contains("ReduceMean").doesNotContain("GlobalAveragePool");
    }

    @Test
    void namesAndSymbolsStay() {
        var g = Graph.builder();
        var n =
                new TensorType(
                        FLOAT32,
                        new io.webdnn.tensor.Shape(
                                List.of(
                                        Dimension.symbol("N"),
                                        Dimension.of(1),
                                        Dimension.of(4),
                                        Dimension.of(4))));
        var x = g.input("image", n);
        var w = g.constant("conv.W", Tensor.zeros(FLOAT32, 8, 1, 3, 3));
        var y = g.applyAll(Conv.of2d(1, 1), "conv", List.of(x, w)).getFirst();
        var graph = g.build(Map.of("out", g.apply(new Identity(), y)));
        assertThat(GraphText.of(new RemoveIdentities().then(new FoldConstants()).apply(graph)))
                .isEqualTo(
                        """
                        input image: float32[N, 1, 4, 4]
                        constant conv.W: float32[8, 1, 3, 3]
                        conv: float32[N, 8, 4, 4] = Conv[windows=[Window[stride=1, dilation=1, padBegin=1, padEnd=1], Window[stride=1, dilation=1, padBegin=1, padEnd=1]], group=1](image, conv.W)
                        output out = conv
                        """);
    }
}
