package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Operators of ONNX Runtime's own domain.
class MicrosoftOperatorsTest {
    @TempDir Path directory;

    /// A convolution of 1 × 1 by 2 and a bias of 1: x ↦ 2 x + 1, beside a summand of −3.
    private float[] fusedConv(boolean adds, Fields... attributes) {
        var model =
                new ModelFile()
                        .initializer("x", Tensor.of(new float[] {-2, 0, 1, 5}, 1, 1, 2, 2))
                        .initializer("w", Tensor.of(new float[] {2}, 1, 1, 1, 1))
                        .initializer("b", Tensor.of(new float[] {1}, 1))
                        .initializer("z", Tensor.of(new float[] {-3, -3, -3, -3}, 1, 1, 2, 2))
                        .nodeOf(
                                "com.microsoft",
                                "FusedConv",
                                "n",
                                adds ? List.of("x", "w", "b", "z") : List.of("x", "w", "b"),
                                List.of("y"),
                                attributes)
                        .output("y");
        var graph = OnnxImporter.read(model.write(directory)).graph();
        return Interpreter.run(graph, List.of()).getFirst().floats();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Relu||0, 1, 3, 11",
                "Clip|0.5, 6|0.5, 1, 3, 6",
                "LeakyRelu|0.1|-0.3, 1, 3, 11",
                "HardSigmoid|0.1, 0.5|0.2, 0.6, 0.8, 1",
                "Tanh||-0.995055, 0.761594, 0.995055, 1",
                "Sigmoid||0.047426, 0.731059, 0.952574, 0.999983"
            })
    void aFusedConvolutionEndsInItsActivation(String activation, String parameters, String y) {
        var name = ModelFile.text("activation", activation);
        var given =
                parameters == null
                        ? fusedConv(false, name)
                        : fusedConv(
                                false,
                                name,
                                ModelFile.reals("activation_params", numbers(parameters)));
        assertThat(given).containsExactly(numbers(y), within(1e-5f));
    }

    @Test
    void theSummandComesBeforeTheActivation() {
        assertThat(fusedConv(true)).containsExactly(-6, -2, 0, 8);
        assertThat(fusedConv(true, ModelFile.text("activation", "Relu")))
                .containsExactly(0, 0, 0, 8);
    }

    @Test
    void whatItDoesNotKnowIsRefused() {
        assertThatThrownBy(() -> fusedConv(false, ModelFile.text("activation", "Swish")))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "FusedConv 'n' (model.onnx, node 0): activation: expected Relu, Sigmoid,"
                                + " Tanh, Softplus, Elu, LeakyRelu, HardSigmoid or Clip, got Swish");
        assertThatThrownBy(() -> fusedConv(false, ModelFile.text("activation", "Clip")))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "FusedConv 'n' (model.onnx, node 0): activation_params: expected 2 floats,"
                                + " got none");
    }

    @Test
    void quickGelu() {
        var x = new float[] {-3, -0.5f, 0, 2};
        var given = run("QuickGelu", List.of(Tensor.of(x, 4)));
        var other = run("QuickGelu", List.of(Tensor.of(x, 4)), OnnxWriter.real("alpha", 0.5f));
        for (int i = 0; i < x.length; i++) {
            assertThat(given.floats()[i])
                    .isCloseTo((float) (x[i] / (1 + Math.exp(-1.702 * x[i]))), within(1e-6f));
            assertThat(other.floats()[i])
                    .isCloseTo((float) (x[i] / (1 + Math.exp(-0.5 * x[i]))), within(1e-6f));
        }
    }

    private Tensor run(String operator, List<Tensor> inputs, Fields... attributes) {
        return MicrosoftNode.run(directory, operator, inputs, 1, attributes).getFirst();
    }

    /// {@return x times the area below the normal density up to x, by Simpson's rule}
    private static double gelu(double x) {
        double area = 0;
        int steps = 200;
        for (int i = 0; i <= steps; i++) {
            double t = x * i / steps;
            int weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
            area += weight * Math.exp(-t * t / 2);
        }
        return x * (0.5 + area * x / steps / 3 / Math.sqrt(2 * Math.PI));
    }

    @Test
    void gelus() {
        var x = MicrosoftNode.random(1, 4, 3);
        var bias = Tensor.of(new float[] {-2, 0.5f, 3}, 3);
        var plain = run("Gelu", List.of(x));
        var biased = run("BiasGelu", List.of(x, bias));
        var fast = run("FastGelu", List.of(x));
        var fastBiased = run("FastGelu", List.of(x, bias));
        for (int i = 0; i < x.size(); i++) {
            double u = x.getDouble(i);
            double v = u + bias.getDouble(i % 3);
            assertThat(plain.getDouble(i)).isCloseTo(gelu(u), within(1e-5));
            assertThat(biased.getDouble(i)).isCloseTo(gelu(v), within(1e-5));
            assertThat(fast.getDouble(i)).isCloseTo(fastGelu(u), within(1e-5));
            assertThat(fastBiased.getDouble(i)).isCloseTo(fastGelu(v), within(1e-5));
        }
    }

    private static double fastGelu(double x) {
        return 0.5 * x * (1 + Math.tanh(0.797885 * x + 0.035677 * x * x * x));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0",
        "1, 0, 0, 0",
        "0, 1, 0, 0",
        "0, 0, 1, 0",
        "0, 0, 0, 1",
        "1, 0, 1, 0",
        "0, 1, 0, 1",
        "1, 1, 1, 1"
    })
    void fusedMatMul(int transA, int transB, int batchA, int batchB) {
        // two products of 3 × 4 and 4 × 5
        var a = MicrosoftNode.random(1, extents(2, 3, 4, transA, batchA));
        var b = MicrosoftNode.random(2, extents(2, 4, 5, transB, batchB));
        var y =
                run(
                        "FusedMatMul",
                        List.of(a, b),
                        OnnxWriter.real("alpha", 0.5f),
                        OnnxWriter.integer("transA", transA),
                        OnnxWriter.integer("transB", transB),
                        OnnxWriter.integer("transBatchA", batchA),
                        OnnxWriter.integer("transBatchB", batchB));
        assertThat(y.shape()).containsExactly(2, 3, 5);
        for (int n = 0; n < 2; n++)
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 5; j++) {
                    double sum = 0;
                    for (int k = 0; k < 4; k++)
                        sum +=
                                a.getDouble(place(a, n, i, k, transA, batchA))
                                        * b.getDouble(place(b, n, k, j, transB, batchB));
                    assertThat(y.getDouble((n * 3 + i) * 5 + j)).isCloseTo(sum / 2, within(1e-5));
                }
    }

    private static int[] extents(int n, int rows, int columns, int trans, int batch) {
        int p = trans == 1 ? columns : rows;
        int q = trans == 1 ? rows : columns;
        return batch == 1 ? new int[] {p, n, q} : new int[] {n, p, q};
    }

    private static int place(Tensor x, int n, int row, int column, int trans, int batch) {
        int p = trans == 1 ? column : row;
        int q = trans == 1 ? row : column;
        int first = batch == 1 ? p : n;
        int second = batch == 1 ? n : p;
        return (first * x.shape()[1] + second) * x.shape()[2] + q;
    }

    @Test
    void fusedGemm() {
        var a = MicrosoftNode.random(1, 3, 2);
        var b = MicrosoftNode.random(2, 3, 4);
        var c = MicrosoftNode.random(3, 4);
        var y =
                run(
                        "FusedGemm",
                        List.of(a, b, c),
                        OnnxWriter.integer("transA", 1),
                        OnnxWriter.real("alpha", 0.5f),
                        OnnxWriter.real("beta", 2),
                        ModelFile.text("activation", "LeakyRelu"),
                        OnnxWriter.real("activation_alpha", 0.3f));
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 4; j++) {
                double sum = 2 * c.getDouble(j);
                for (int k = 0; k < 3; k++)
                    sum += 0.5 * a.getDouble(k * 2 + i) * b.getDouble(k * 4 + j);
                assertThat(y.getDouble(i * 4 + j))
                        .isCloseTo(sum < 0 ? 0.3f * sum : sum, within(1e-5));
            }
        assertThatThrownBy(() ->
                        run(
                                "FusedGemm",
                                List.of(a, a),
                                ModelFile.text("activation", "Elu"),
                                OnnxWriter.integer("transA", 1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("activation_alpha: expected a float, got none");
    }

    private static float[] numbers(String text) {
        var parts = text.split(", ", -1);
        var numbers = new float[parts.length];
        for (int i = 0; i < parts.length; i++) numbers[i] = Float.parseFloat(parts[i]);
        return numbers;
    }
}
