package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is drawn at random has the distribution that ONNX says; the numbers themselves it leaves
/// open. Bounds are five standard deviations of what is estimated.
class OnnxRandomTest {
    private static final int N = 40_000;
    private static final Tensor LIKE = Tensor.zeros(DType.FLOAT32, N);

    @TempDir Path directory;

    private Tensor draw(
            String operator, String name, @Nullable Tensor input, Fields... attributes) {
        var model = new ModelFile().opset(22);
        if (input != null) model.initializer("x", input);
        var inputs = input == null ? List.<String>of() : List.of("x");
        model.node(operator, name, inputs, List.of("y"), attributes);
        model.output("y");
        var graph = OnnxImporter.read(model.write(directory)).graph();
        return Interpreter.run(graph, List.of()).getFirst();
    }

    private static double mean(Tensor t) {
        return IntStream.range(0, t.size()).mapToDouble(t::getDouble).average().orElseThrow();
    }

    private static double moment(Tensor t, int power) {
        double mean = mean(t);
        return IntStream.range(0, t.size())
                .mapToDouble(i -> Math.pow(t.getDouble(i) - mean, power))
                .average()
                .orElseThrow();
    }

    @Test
    void uniformNumbersFillTheirInterval() {
        var y =
                draw(
                        "RandomUniformLike",
                        "n",
                        LIKE,
                        OnnxWriter.real("low", -2),
                        OnnxWriter.real("high", 6),
                        OnnxWriter.real("seed", 1.5f));
        assertThat(mean(y)).isCloseTo(2, within(5 * 8 / Math.sqrt(12.0 * N)));
        assertThat(moment(y, 2)).isCloseTo(64 / 12.0, within(0.12)); // σ⁴ (1.8 − 1) / N: 0.024
        var counts = new int[16];
        for (int i = 0; i < N; i++) counts[(int) Math.floor((y.getDouble(i) + 2) * 2)]++;
        double each = N / 16.0;
        double chi = Arrays.stream(counts).mapToDouble(c -> (c - each) * (c - each) / each).sum();
        assertThat(chi).isLessThan(15 + 5 * Math.sqrt(30));
    }

    @Test
    void normalNumbersHaveTheirMoments() {
        var y =
                draw(
                        "RandomNormal",
                        "n",
                        null,
                        OnnxWriter.integers("shape", 200, 200),
                        OnnxWriter.real("mean", 3),
                        OnnxWriter.real("scale", 2),
                        OnnxWriter.real("seed", 7));
        assertThat(y.shape()).containsExactly(200, 200);
        assertThat(mean(y)).isCloseTo(3, within(5 * 2 / Math.sqrt(N)));
        assertThat(moment(y, 2)).isCloseTo(4, within(5 * 4 * Math.sqrt(2.0 / N)));
        assertThat(moment(y, 3) / 8).isCloseTo(0, within(5 * Math.sqrt(15.0 / N)));
        assertThat(moment(y, 4) / 16).isCloseTo(3, within(5 * Math.sqrt(96.0 / N)));
        long far = IntStream.range(0, N).filter(i -> Math.abs(y.getDouble(i) - 3) > 4).count();
        assertThat(far / (double) N).isCloseTo(0.0455, within(0.0053)); // beyond two σ
    }

    @Test
    void bernoulliIsOneAsOftenAsItsProbability() {
        var p = Tensor.zeros(DType.FLOAT32, 4, N / 4);
        for (int i = 0; i < N; i++) p.setDouble(i, new double[] {0, 0.2, 0.75, 1}[i / (N / 4)]);
        var y =
                draw(
                        "Bernoulli",
                        "n",
                        p,
                        OnnxWriter.real("seed", 3),
                        OnnxWriter.integer("dtype", 7));
        assertThat(y.dtype()).isEqualTo(DType.INT64);
        for (int row = 0; row < 4; row++) {
            double ones = 0;
            for (int i = 0; i < N / 4; i++) ones += y.getLong(row * (N / 4) + i);
            double expected = p.getDouble(row * (N / 4));
            assertThat(ones / (N / 4)).as("row %d", row).isCloseTo(expected, within(0.022));
            if (expected == 0 || expected == 1)
                assertThat(ones).isEqualTo(expected * (N / 4)); // never, always
        }
    }

    @Test
    void multinomialDrawsClassesByTheSoftmaxOfItsInput() {
        var x = Tensor.of(new float[] {0, 1, 2, -1000, 3, 3, 3, 3}, 2, 4);
        var y =
                draw(
                        "Multinomial",
                        "n",
                        x,
                        OnnxWriter.integer("sample_size", 10_000),
                        OnnxWriter.real("seed", 3));
        assertThat(y.dtype()).isEqualTo(DType.INT32);
        assertThat(y.shape()).containsExactly(2, 10_000);
        double[][] counts = new double[2][4];
        for (int i = 0; i < y.size(); i++) counts[i / 10_000][(int) y.getLong(i)]++;
        double all = 1 + Math.E + Math.E * Math.E;
        double[][] expected = {
            {1 / all, Math.E / all, Math.E * Math.E / all, 0}, {0.25, 0.25, 0.25, 0.25}
        };
        for (int row = 0; row < 2; row++)
            for (int c = 0; c < 4; c++)
                assertThat(counts[row][c] / 10_000)
                        .as("class %d of row %d", c, row)
                        .isCloseTo(expected[row][c], within(0.025));
    }

    @Test
    void equalSeedsGiveEqualNumbersAndOthersOthers() {
        var one = draw("RandomUniformLike", "a", LIKE, OnnxWriter.real("seed", 1));
        var same = draw("RandomUniformLike", "b", LIKE, OnnxWriter.real("seed", 1));
        var other = draw("RandomUniformLike", "a", LIKE, OnnxWriter.real("seed", 2));
        var unnamed = draw("RandomUniformLike", "a", LIKE);
        var again = draw("RandomUniformLike", "a", LIKE);
        var next = draw("RandomUniformLike", "b", LIKE);
        assertThat(same.floats()).isEqualTo(one.floats());
        assertThat(again.floats()).isEqualTo(unnamed.floats());
        for (var different : List.of(other, unnamed, next)) {
            long equal =
                    IntStream.range(0, N)
                            .filter(i -> different.floats()[i] == one.floats()[i])
                            .count();
            assertThat(equal).isLessThan(20);
        }
    }

    @Test
    void whatCannotBeDrawnIsRefused() {
        var x = Tensor.zeros(DType.FLOAT32, 2);
        refused("shape: expected ints, got none", "RandomNormal", null);
        refused(
                "dtype: expected a float, got int32",
                "RandomUniformLike",
                x,
                OnnxWriter.integer("dtype", 6));
        refused("input: expected floats, got int32[2]", "Bernoulli", Tensor.zeros(DType.INT32, 2));
        refused("input: expected [batch, classes], got float32[2]", "Multinomial", x);
        refused(
                "sample_size: expected 1 ... 16777216, got 0",
                "Multinomial",
                Tensor.zeros(DType.FLOAT32, 1, 2),
                OnnxWriter.integer("sample_size", 0));
    }

    private void refused(
            String message, String operator, @Nullable Tensor input, Fields... attributes) {
        assertThatThrownBy(() -> draw(operator, "n", input, attributes))
                .isInstanceOf(GraphException.class)
                .hasMessage(operator + " 'n' (model.onnx, node 0): " + message);
    }
}
