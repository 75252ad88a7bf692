package io.webdnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.link.Convolution2D;
import io.webdnn.train.link.Linear;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainerConverterTest {
    private static final class Network extends Chain {
        private final Convolution2D conv = link("conv", Convolution2D.with(3, 5).stride(2));
        private final Linear fc = link("fc", new Linear(5));

        @Override
        public Variable call(Variable x) {
            return fc.call(F.relu(conv.call(x)));
        }
    }

    private final Network network = new Network();

    private Graph convert() {
        Configuration.seed(1);
        var x = new Variable(new float[3 * 17 * 23], 1, 3, 17, 23);
        var y = F.softmax(network.call(x));
        return new ChainerConverter().convert(List.of(x), List.of(y));
    }

    @Test
    void theHistoryBecomesAGraphForAnyBatch() {
        var graph = convert();
        assertThat(graph.inputs().toString()).isEqualTo("[input: float32[N, 3, 17, 23]]");
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[N, 5]");
        assertThat(graph.outputNames()).containsExactly("output");
        assertThat(graph.nodes().stream().map(n -> n.op().name() + " " + n.name()))
                .containsExactly("Conv conv", "Relu ", "Flatten fc", "Gemm fc", "Softmax ");
        for (int n : new int[] {1, 3, 17, 1}) {
            var random = new RandomStream(n, 0);
            float[] pixels = new float[n * 3 * 17 * 23];
            for (int i = 0; i < pixels.length; i++) pixels[i] = random.nextFloat();
            var input = Tensor.of(pixels, n, 3, 17, 23);
            var expected = F.softmax(network.call(new Variable(input))).array().floats();
            var actual = Interpreter.run(graph, List.of(input)).getFirst();
            assertThat(actual.shape()).containsExactly(n, 5);
            assertThat(actual.floats())
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(expected);
        }
    }

    @Test
    void convertingComputesNothing() {
        network.call(new Variable(new float[3 * 17 * 23], 1, 3, 17, 23));
        long before = Evaluation.programsRun();
        convert();
        assertThat(Evaluation.programsRun()).isEqualTo(before);
    }

    @Test
    void laterTrainingDoesNotChangeTheGraph() {
        var graph = convert();
        var input = Tensor.of(new float[3 * 17 * 23], 1, 3, 17, 23);
        var before = Interpreter.run(graph, List.of(input)).getFirst();
        var weight = network.params().getFirst();
        weight.assign(Tensor.zeros(weight.dtype(), weight.shape().toInts()));
        assertThat(Interpreter.run(graph, List.of(input)).getFirst().contentEquals(before))
                .isTrue();
    }

    @Test
    void names() {
        var x = new Variable(new float[4], 1, 4).named("image");
        var y = new Variable(new float[4], 1, 4).named("image");
        var graph =
                new ChainerConverter()
                        .convert(List.of(x, y), List.of(F.add(x, y).named("sum"), F.relu(x)));
        assertThat(graph.inputs().toString())
                .isEqualTo("[image: float32[N, 4], image1: float32[N, 4]]");
        assertThat(graph.outputNames()).containsExactly("sum", "output");
    }

    @Test
    void anInputMayHaveAHistory() {
        var x = new Variable(new float[] {1, 2}, 1, 2);
        var h = F.relu(x);
        var graph = new ChainerConverter().convert(List.of(h), List.of(F.negate(h)));
        assertThat(graph.nodes()).hasSize(1);
    }

    @Test
    void aFixedBatchIsKept() {
        var x = new Variable(new float[8], 2, 4);
        var y = F.reshape(x, 2, 2, 2);
        assertThatThrownBy(() -> new ChainerConverter().convert(List.of(x), List.of(y)))
                .hasMessageStartingWith(
                        "ChainerConverter: the network does not hold for every size of the batch"
                                + " (withFixedBatch() keeps the size): Reshape: ");
        var graph = new ChainerConverter().withFixedBatch().convert(List.of(x), List.of(y));
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[2, 2, 2]");
    }

    @Test
    void anInputThatIsNotUsedIsNamed() {
        var x = new Variable(new float[8], 2, 4);
        var other = new Variable(new float[8], 2, 4).named("other");
        assertThatThrownBy(
                        () -> new ChainerConverter().convert(List.of(x, other), List.of(F.relu(x))))
                .hasMessage(
                        "ChainerConverter: inputs: expected variables that the outputs were"
                                + " computed from, got Variable 'other' float32[2, 4]");
    }
}
