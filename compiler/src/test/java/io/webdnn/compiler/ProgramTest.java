package io.webdnn.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.NonZero;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private static final Dimension N = Dimension.symbol("N");

    private static Tensor random(int seed, int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        var random = new Random(seed);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, random.nextGaussian());
        return tensor;
    }

    private static TensorType f32(Object... extents) {
        var dimensions = new Dimension[extents.length];
        for (int d = 0; d < extents.length; d++)
            dimensions[d] =
                    extents[d] instanceof Integer i ? Dimension.of(i) : (Dimension) extents[d];
        return new TensorType(DType.FLOAT32, Shape.of(dimensions));
    }

    private static void assertClose(List<Tensor> actual, List<Tensor> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int o = 0; o < actual.size(); o++) {
            var a = actual.get(o);
            var e = expected.get(o);
            assertThat(a.toString()).isEqualTo(e.toString());
            for (int i = 0; i < a.size(); i++)
                assertThat(a.getDouble(i))
                        .as("output %d, element %d", o, i)
                        .isCloseTo(e.getDouble(i), within(1e-4));
        }
    }

    private static Graph convolution() {
        var g = Graph.builder();
        var x = g.input("x", f32(N, 3, 9, 11));
        var w = g.input("w", f32(5, 3, 3, 3));
        var b = g.input("b", f32(5));
        var y = g.apply(new Relu(), g.apply(Conv.of2d(2, 1), x, w, b));
        return g.build(Map.of("y", y));
    }

    @Test
    void aConvolutionForSeveralBatchSizes() {
        var graph = convolution();
        var program = Program.compile(graph);
        for (int n : new int[] {1, 4, 2, 4}) {
            var inputs = List.of(random(n, n, 3, 9, 11), random(7, 5, 3, 3, 3), random(8, 5));
            assertClose(program.run(inputs), Interpreter.run(graph, inputs));
        }
    }

    @Test
    void aProfileHasATimeForEachCall() {
        var program = Program.compile(convolution());
        var inputs = List.of(random(1, 2, 3, 9, 11), random(7, 5, 3, 3, 3), random(8, 5));
        var timings = program.profile(inputs, 3);
        assertThat(timings)
                .extracting(timing -> timing.call().template())
                .containsExactly("Pad", "Contraction");
        assertThat(timings).allMatch(timing -> timing.milliseconds() > 0);
    }

    @Test
    void aProfileNeedsKnownSizes() {
        var g = Graph.builder();
        var x = g.input("x", f32(5));
        var program = Program.compile(g.build(Map.of("y", g.apply(new NonZero("K"), x))));
        assertThatThrownBy(() -> program.profile(List.of(random(1, 5)), 3))
                .hasMessage(
                        "Program: sizes: expected known before the run, got some that depend on data");
    }

    @Test
    void anInputThatDoesNotFitIsNamed() {
        var program = Program.compile(convolution());
        assertThatThrownBy(() ->
                        program.run(
                                List.of(
                                        random(1, 2, 3, 9, 10),
                                        random(2, 5, 3, 3, 3),
                                        random(3, 5))))
                .hasMessage(
                        "Program: input 'x': expected shape [N, 3, 9, 11] with [N = 2], got [2, 3, 9, 10]");
        assertThatThrownBy(() -> program.run(List.of()))
                .hasMessage("Program: inputs: expected 3, got 0");
        assertThatThrownBy(() -> program.run(Map.of()))
                .hasMessage("Program: input 'x': expected a tensor, got none among []");
    }

    @Test
    void anOutputThatDoesNotFitIsNamed() {
        var program = Program.compile(convolution());
        var inputs = new Tensor[] {random(1, 2, 3, 9, 11), random(2, 5, 3, 3, 3), random(3, 5)};
        assertThatThrownBy(() ->
                        program.run(inputs, new Tensor[] {Tensor.zeros(DType.FLOAT32, 2, 5, 5, 5)}))
                .hasMessage(
                        "Program: output 'y': expected float32[2, 5, 5, 6], got float32[2, 5, 5, 5]");
    }

    /// `p' = p + p·g`, `s = softmax(p)`, written over p, s reading the old p.
    @Test
    void anUpdateInPlaceComesAfterTheReadersOfTheOldValue() {
        var g = Graph.builder();
        var p = g.input("p", f32(6, 7));
        var gradient = g.input("g", f32(6, 7));
        var updated = g.apply(new Add(), p, g.apply(new Mul(), p, gradient));
        var soft = g.apply(new Softmax(-1), p);
        var both = new java.util.LinkedHashMap<String, io.webdnn.graph.op.Operand>();
        both.put("p2", updated);
        both.put("s", soft);
        var graph = g.build(both);
        var program = Program.compile(graph, Map.of(0, 0));
        var parameter = random(1, 6, 7);
        var step = random(2, 6, 7);
        var s = Tensor.zeros(DType.FLOAT32, 6, 7);
        for (int i = 0; i < 3; i++) {
            var expected = Interpreter.run(graph, List.of(parameter.copy(), step));
            program.run(new Tensor[] {parameter, step}, new Tensor[] {parameter, s});
            assertClose(List.of(parameter, s), expected);
        }
        assertThatThrownBy(() ->
                        program.run(
                                new Tensor[] {parameter, step}, new Tensor[] {parameter.copy(), s}))
                .hasMessage(
                        "Program: output 'p2': expected the array of input 'p', got another one");
    }

    /// Sizes without a bound grow and shrink from run to run.
    @Test
    void sizesThatDependOnDataNeedNoBound() {
        var g = Graph.builder();
        var n = g.input("n", TensorType.of(DType.INT32, 2));
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1));
        var extents = List.of(Extents.measured("n", 0), Extents.measured("n", 1));
        var wide = g.apply(new Expand(), x, g.apply(new Extents("n", extents), n));
        var axes = g.constant("axes", Tensor.of(new long[] {1}, 1));
        var sum = g.apply(new ReduceSum(false, false), wide, axes);
        var program = Program.compile(g.build(Map.of("sum", sum, "wide", wide)));
        for (int[] shape : new int[][] {{2, 3}, {1000, 70}, {1, 5}, {0, 4}, {9, 0}}) {
            var y =
                    program.run(
                            Map.of("n", Tensor.of(shape, 2), "x", Tensor.of(new float[] {3}, 1)));
            assertThat(Objects.requireNonNull(y.get("wide")).shape()).containsExactly(shape);
            assertThat(Objects.requireNonNull(y.get("sum")).shape()).containsExactly(shape[0]);
            assertThat(Objects.requireNonNull(y.get("sum")).floats())
                    .isEqualTo(filled(shape[0], 3 * shape[1]));
        }
        assertThatThrownBy(() ->
                        program.run(
                                Map.of(
                                        "n",
                                        Tensor.of(new int[] {1, -7}, 2),
                                        "x",
                                        Tensor.of(new float[] {3}, 1))))
                .isInstanceOf(GraphException.class)
                .hasMessage("Extents: size 'n.1': expected 0 or more, as data says it, got -1");
        assertThatThrownBy(() ->
                        program.run(
                                Map.of(
                                        "n",
                                        Tensor.of(new int[] {1 << 20, 1 << 20}, 2),
                                        "x",
                                        Tensor.of(new float[] {3}, 1))))
                .isInstanceOf(GraphException.class)
                .hasMessageMatching(
                        "Program: '.*' float32\\[n.0, n.1\\] with \\{n.0=1048576, n.1=1048576\\}: expected fewer than 2\\^31 elements, got 1099511627776");
    }

    private static float[] filled(int count, float value) {
        var values = new float[count];
        Arrays.fill(values, value);
        return values;
    }
}
