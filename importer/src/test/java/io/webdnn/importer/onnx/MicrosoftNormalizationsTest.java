package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.MicrosoftNode.ABSENT;
import static io.webdnn.importer.onnx.MicrosoftNode.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Normalizations of ONNX Runtime's own domain beside loops over their definitions.
class MicrosoftNormalizationsTest {
    private static final int ROWS = 6; // 2 sequences of 3
    private static final int SIZE = 4;

    @TempDir Path directory;

    /// Compares a result, a mean and an inverse deviation of each row with those of the sums.
    private static void expectNormal(
            double[] sum, double epsilon, Tensor gamma, Tensor beta, boolean centred, Tensor y) {
        for (int r = 0; r < ROWS; r++) {
            double mean = centred ? mean(sum, r) : 0;
            double inverse = inverse(sum, r, mean, epsilon);
            for (int c = 0; c < SIZE; c++) {
                double expected = (sum[r * SIZE + c] - mean) * inverse * gamma.getDouble(c);
                if (beta.size() > 0) expected += beta.getDouble(c);
                assertThat(y.getDouble(r * SIZE + c)).isCloseTo(expected, within(1e-5));
            }
        }
    }

    private static double mean(double[] sum, int row) {
        double total = 0;
        for (int c = 0; c < SIZE; c++) total += sum[row * SIZE + c];
        return total / SIZE;
    }

    private static double inverse(double[] sum, int row, double mean, double epsilon) {
        double squares = 0;
        for (int c = 0; c < SIZE; c++) squares += Math.pow(sum[row * SIZE + c] - mean, 2);
        return 1 / Math.sqrt(squares / SIZE + epsilon);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void skipLayerNormalization(boolean isWhole) {
        var x = random(1, 2, 3, SIZE);
        var skip = random(2, 1, 3, SIZE); // serves both sequences
        var gamma = random(3, SIZE);
        var beta = isWhole ? random(4, SIZE) : ABSENT;
        var bias = isWhole ? random(5, SIZE) : ABSENT;
        var given =
                MicrosoftNode.run(
                        directory,
                        "SkipLayerNormalization",
                        List.of(x, skip, gamma, beta, bias),
                        4,
                        OnnxWriter.real("epsilon", 0.1f));
        var sum = new double[ROWS * SIZE];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = x.getDouble(i) + skip.getDouble(i % (3 * SIZE));
            if (isWhole) sum[i] += bias.getDouble(i % SIZE);
            assertThat(given.get(3).getDouble(i)).isCloseTo(sum[i], within(1e-6));
        }
        expectNormal(sum, 0.1, gamma, beta, true, given.get(0));
        for (int r = 0; r < ROWS; r++) {
            double mean = mean(sum, r);
            assertThat(given.get(1).getDouble(r)).isCloseTo(mean, within(1e-6));
            assertThat(given.get(2).getDouble(r))
                    .isCloseTo(inverse(sum, r, mean, 0.1), within(1e-5));
        }
    }

    @Test
    void skipSimplifiedLayerNormalization() {
        var x = random(1, ROWS, SIZE);
        var skip = random(2, ROWS, SIZE);
        var gamma = random(3, SIZE);
        var bias = random(4, SIZE);
        var given =
                MicrosoftNode.run(
                        directory,
                        "SkipSimplifiedLayerNormalization",
                        List.of(x, skip, gamma, bias),
                        List.of("y", "", "inverse", "sum"),
                        OnnxWriter.real("epsilon", 0.1f));
        var sum = new double[ROWS * SIZE];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = x.getDouble(i) + skip.getDouble(i) + bias.getDouble(i % SIZE);
            assertThat(given.get(2).getDouble(i)).isCloseTo(sum[i], within(1e-6));
        }
        expectNormal(sum, 0.1, gamma, ABSENT, false, given.get(0));
        for (int r = 0; r < ROWS; r++)
            assertThat(given.get(1).getDouble(r)).isCloseTo(inverse(sum, r, 0, 0.1), within(1e-5));
    }

    @Test
    void aRootMeanSquareHasNoMean() {
        var x = random(1, ROWS, SIZE);
        assertThatThrownBy(() ->
                        MicrosoftNode.run(
                                directory,
                                "SkipSimplifiedLayerNormalization",
                                List.of(x, x, random(3, SIZE)),
                                2))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "SkipSimplifiedLayerNormalization 'n' (model.onnx, node 0): output 1"
                                + " (mean): expected none, got one that is used");
    }

    @Test
    void simplifiedLayerNormalization() {
        var x = random(1, ROWS, SIZE);
        var gamma = random(3, SIZE);
        var given =
                MicrosoftNode.run(directory, "SimplifiedLayerNormalization", List.of(x, gamma), 2);
        var sum = new double[ROWS * SIZE];
        for (int i = 0; i < sum.length; i++) sum[i] = x.getDouble(i);
        expectNormal(sum, 1e-5, gamma, ABSENT, false, given.get(0));
        for (int r = 0; r < ROWS; r++)
            assertThat(given.get(1).getDouble(r)).isCloseTo(inverse(sum, r, 0, 1e-5), within(1e-4));
    }

    /// ONNX Runtime writes both so in models of older opsets, too.
    @ParameterizedTest
    @ValueSource(strings = {"SimplifiedLayerNormalization", "LayerNormalization"})
    void withoutADomain(String operator) {
        var x = random(1, ROWS, SIZE);
        var gamma = random(3, SIZE);
        var model =
                new ModelFile()
                        .opset(13)
                        .initializer("x", x)
                        .initializer("gamma", gamma)
                        .node(operator, "n", List.of("x", "gamma"), List.of("y"))
                        .output("y");
        var graph = OnnxImporter.read(model.write(directory)).graph();
        var sum = new double[ROWS * SIZE];
        for (int i = 0; i < sum.length; i++) sum[i] = x.getDouble(i);
        boolean centred = operator.equals("LayerNormalization");
        var y = Interpreter.run(graph, List.of()).getFirst();
        expectNormal(sum, 1e-5, gamma, ABSENT, centred, y);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void embedLayerNormalization(boolean isWhole) {
        var ids = Tensor.of(new int[] {4, 0, 2, 1, 1, 3}, 2, 3);
        var segments = Tensor.of(new int[] {0, 0, 1, 1, 0, 1}, 2, 3);
        var places = Tensor.of(new int[] {2, 3, 4}, 1, 3);
        var mask = Tensor.of(new int[] {1, 1, 0, 1, 0, 0}, 2, 3);
        var words = random(1, 5, SIZE);
        var positions = random(2, 7, SIZE);
        var kinds = random(3, 2, SIZE);
        var gamma = random(4, SIZE);
        var beta = random(5, SIZE);
        var given =
                MicrosoftNode.run(
                        directory,
                        "EmbedLayerNormalization",
                        isWhole
                                ? List.of(
                                        ids, segments, words, positions, kinds, gamma, beta, mask,
                                        places)
                                : List.of(ids, ABSENT, words, positions, ABSENT, gamma, beta),
                        isWhole ? 2 : 3);
        var sum = new double[ROWS * SIZE];
        for (int r = 0; r < ROWS; r++) {
            for (int c = 0; c < SIZE; c++) {
                int place = isWhole ? r % 3 + 2 : r % 3;
                double word = words.getDouble((int) ids.getLong(r) * SIZE + c);
                sum[r * SIZE + c] = word + positions.getDouble(place * SIZE + c);
                if (isWhole)
                    sum[r * SIZE + c] += kinds.getDouble((int) segments.getLong(r) * SIZE + c);
            }
        }
        expectNormal(sum, 1e-12, gamma, beta, true, given.get(0));
        assertThat(given.get(1).ints()).containsExactly(isWhole ? 2 : 0, isWhole ? 1 : 0);
        if (!isWhole)
            for (int i = 0; i < sum.length; i++)
                assertThat(given.get(2).getDouble(i)).isCloseTo(sum[i], within(1e-6));
    }
}
