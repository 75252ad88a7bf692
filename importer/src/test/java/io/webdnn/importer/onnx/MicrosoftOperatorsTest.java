package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
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
                                + " Tanh, LeakyRelu, HardSigmoid or Clip, got Swish");
        assertThatThrownBy(() -> fusedConv(false, ModelFile.text("activation", "Clip")))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "FusedConv 'n' (model.onnx, node 0): activation_params: expected 2 floats,"
                                + " got none");
    }

    @Test
    void quickGelu() {
        var x = new float[] {-3, -0.5f, 0, 2};
        var given = run("QuickGelu", List.of(Tensor.of(x, 4)), 1).getFirst();
        var other =
                run("QuickGelu", List.of(Tensor.of(x, 4)), 1, OnnxWriter.real("alpha", 0.5f))
                        .getFirst();
        for (int i = 0; i < x.length; i++) {
            assertThat(given.floats()[i])
                    .isCloseTo((float) (x[i] / (1 + Math.exp(-1.702 * x[i]))), within(1e-6f));
            assertThat(other.floats()[i])
                    .isCloseTo((float) (x[i] / (1 + Math.exp(-0.5 * x[i]))), within(1e-6f));
        }
    }

    /// {@return the outputs of one node on its inputs; those without elements are left out}
    private List<Tensor> run(
            String operator, List<Tensor> inputs, int outputs, Fields... attributes) {
        var model = new ModelFile();
        var names = new ArrayList<String>();
        for (var input : inputs) {
            names.add(input.size() == 0 ? "" : "x" + names.size());
            if (input.size() > 0) model.initializer(names.getLast(), input);
        }
        var results = new ArrayList<String>();
        for (int i = 0; i < outputs; i++) results.add("y" + i);
        model.nodeOf("com.microsoft", operator, "n", names, results, attributes);
        results.forEach(model::output);
        return Interpreter.run(OnnxImporter.read(model.write(directory)).graph(), List.of());
    }

    private static float[] numbers(String text) {
        var parts = text.split(", ", -1);
        var numbers = new float[parts.length];
        for (int i = 0; i < parts.length; i++) numbers[i] = Float.parseFloat(parts[i]);
        return numbers;
    }
}
