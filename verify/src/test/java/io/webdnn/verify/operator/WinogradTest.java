package io.webdnn.verify.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Compiler;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.conformance.BrowserTarget;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Winograd's filtering against the interpreter, which adds the products in double: its error, what
/// it stores, and when it is taken.
class WinogradTest {
    private static Tensor random(int stream, int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        var random = new RandomStream(stream, 3);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, random.nextDouble(-1, 1));
        return tensor;
    }

    private static Value weights(Graph.Builder builder, int filters, int channels) {
        return builder.constant("w", random(1, filters, channels, 3, 3));
    }

    private static Graph convolution(int channels, int filters, int rows, int columns) {
        var builder = Graph.builder();
        var x = builder.input("x", TensorType.of(DType.FLOAT32, 1, channels, rows, columns));
        var y = builder.apply(Conv.of2d(1, 1), x, weights(builder, filters, channels));
        return builder.build(Map.of("y", y));
    }

    private static boolean isTaken(Graph graph) {
        var compiled = Compiler.compile(graph, Backend.WEBASSEMBLY.target());
        return Compiler.explain(compiled).stream().anyMatch(line -> line.contains(": Winograd"));
    }

    /// The difference to the interpreter, relative to the root mean square of the outputs.
    private record Difference(double mean, double largest) {
        static Difference of(Graph graph, Tensor... inputs) throws Exception {
            assumeTrue(Chromium.find().isPresent(), "no Chromium: set CHROME_PATH");
            var expected = Interpreter.run(graph, List.of(inputs)).getFirst();
            try (var target = new BrowserTarget(Backend.WEBASSEMBLY)) {
                var actual = target.compile(graph).run(List.of(inputs)).getFirst();
                assertThat(actual.shape()).isEqualTo(expected.shape());
                var errors =
                        IntStream.range(0, expected.size())
                                .mapToDouble(i -> actual.getDouble(i) - expected.getDouble(i))
                                .toArray();
                var values =
                        IntStream.range(0, expected.size())
                                .mapToDouble(expected::getDouble)
                                .toArray();
                double scale = rootMeanSquare(values);
                double largest =
                        IntStream.range(0, errors.length)
                                .mapToDouble(i -> Math.abs(errors[i]))
                                .max()
                                .orElseThrow();
                return new Difference(rootMeanSquare(errors) / scale, largest / scale);
            }
        }

        private static double rootMeanSquare(double[] values) {
            double sum = 0;
            for (double value : values) sum += value * value;
            return Math.sqrt(sum / values.length);
        }
    }

    /// The bounds that the Javadoc of Winograd states.
    @Test
    void errorIsAsStated() throws Exception {
        var graph = convolution(256, 16, 24, 24);
        assertThat(isTaken(graph)).isTrue();
        var difference = Difference.of(graph, random(2, 1, 256, 24, 24));
        assertThat(difference.mean).isLessThan(3e-6);
        assertThat(difference.largest).isLessThan(2e-5);
    }

    @Test
    void epilogueReadsAndStoresWholeRows() throws Exception {
        var builder = Graph.builder();
        var x = builder.input("x", TensorType.of(DType.FLOAT32, 2, 16, 13, 18));
        var y =
                builder.apply(
                        Conv.of2d(1, 1),
                        x,
                        weights(builder, 24, 16),
                        builder.constant("b", random(3, 24)));
        var residual = builder.input("r", TensorType.of(DType.FLOAT32, 2, 24, 13, 18));
        var graph =
                builder.build(
                        Map.of(
                                "y",
                                builder.apply(new Relu(), builder.apply(new Add(), y, residual))));
        assertThat(isTaken(graph)).isTrue();
        var difference = Difference.of(graph, random(2, 2, 16, 13, 18), random(4, 2, 24, 13, 18));
        assertThat(difference.largest).isLessThan(2e-5);
    }

    @Test
    void channelsMayStandLast() throws Exception {
        var builder = Graph.builder();
        var x = builder.input("x", TensorType.of(DType.FLOAT32, 1, 14, 11, 16));
        var inner = builder.apply(new Transpose(List.of(0, 3, 1, 2)), x);
        var y = builder.apply(Conv.of2d(1, 1), inner, weights(builder, 16, 16));
        var graph =
                builder.build(Map.of("y", builder.apply(new Transpose(List.of(0, 2, 3, 1)), y)));
        assertThat(isTaken(graph)).isTrue();
        assertThat(Difference.of(graph, random(2, 1, 14, 11, 16)).largest).isLessThan(2e-5);
    }

    @Test
    void isTakenWhereItPays() {
        assertThat(isTaken(convolution(16, 16, 12, 12))).isTrue();
        assertThat(isTaken(convolution(12, 16, 12, 12))).as("few channels").isFalse();
        assertThat(isTaken(convolution(16, 8, 12, 12))).as("few filters").isFalse();
        assertThat(isTaken(convolution(18, 16, 12, 12))).as("a part of a vector").isFalse();
        assertThat(isTaken(convolution(16, 20, 12, 12))).as("a part of a panel").isFalse();
        assertThat(isTaken(convolution(16, 16, 4, 12))).as("few tiles").isFalse();
        assertThat(isTaken(convolution(16, 16, 3, 50))).as("no whole tile").isFalse();
    }
}
