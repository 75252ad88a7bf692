package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jhdf.HdfFile;
import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Masks and states: a layer that skips hidden steps gives what it gives for the other steps alone,
/// and a stateful layer gives for two halves what it gives for the whole.
final class SequenceLayersTest {
    private static final int SIZE = 3;
    private static final int UNITS = 2;

    @TempDir Path folder = Path.of("");

    private static float[] random(int count, int seed) {
        var random = new RandomStream(seed, 3);
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float) random.nextDouble(-1, 1);
        return values;
    }

    private static float[][] matrix(int rows, int columns, int seed) {
        var values = random(rows * columns, seed);
        var matrix = new float[rows][];
        for (int r = 0; r < rows; r++)
            matrix[r] = Arrays.copyOfRange(values, r * columns, (r + 1) * columns);
        return matrix;
    }

    /// A chain of layers before one recurrent layer named `r` with random weights.
    private Graph chain(String input, String before, String recurrent, int gates) {
        return read(
                "{'class_name': 'Sequential', 'config': [{'class_name': 'InputLayer', 'config': {'name':"
                        + " 'x', 'batch_input_shape': "
                        + input
                        + "}}, "
                        + before
                        + recurrent
                        + "]}",
                gates);
    }

    private Graph read(String config, int gates) {
        var file = folder.resolve("model.h5");
        try (var hdf = HdfFile.write(file)) {
            hdf.putAttribute("model_config", config.replace('\'', '"'));
            hdf.putAttribute("keras_version", "2.1.0");
            var group = hdf.putGroup("model_weights");
            var layer = group.putGroup("r");
            layer.putDataset("kernel", matrix(SIZE, gates * UNITS, 1));
            layer.putDataset("recurrent", matrix(UNITS, gates * UNITS, 2));
            layer.putDataset("bias", random(gates * UNITS, 3));
            layer.putAttribute("weight_names", new String[] {"kernel", "recurrent", "bias"});
            var embedding = group.putGroup("e");
            embedding.putDataset("embeddings", matrix(5, SIZE, 4));
            embedding.putAttribute("weight_names", new String[] {"embeddings"});
        }
        return KerasImporter.read(file).graph();
    }

    private static String layer(String kind, String name, String attributes) {
        return "{'class_name': '%s', 'name': '%s', 'config': {'name': '%s', %s}}"
                .formatted(kind, name, name, attributes);
    }

    private static final String MASKING =
            "{'class_name': 'Masking', 'config': {'name': 'm', 'mask_value': 0.0}}, ";

    private static float[] steps(float[] all, int... which) {
        var values = new float[which.length * SIZE];
        for (int t = 0; t < which.length; t++)
            System.arraycopy(all, which[t] * SIZE, values, t * SIZE, SIZE);
        return values;
    }

    private static float[] run(Graph graph, float[] x) {
        return outputs(graph, x).getFirst().floats();
    }

    private static List<Tensor> outputs(Graph graph, float[] x, Tensor... states) {
        var inputs = new ArrayList<>(List.of(Tensor.of(x, 1, x.length / SIZE, SIZE)));
        inputs.addAll(List.of(states));
        return Interpreter.run(graph, inputs);
    }

    @ParameterizedTest
    @CsvSource({"SimpleRNN, 1", "GRU, 3", "LSTM, 4"})
    void hiddenStepsAreSkipped(String kind, int gates) {
        for (var backwards : List.of("false", "true")) {
            var attributes = "'units': 2, 'go_backwards': " + backwards;
            var recurrent = layer(kind, "r", attributes);
            var all = random(4 * SIZE, 7);
            Arrays.fill(all, SIZE, 2 * SIZE, 0);
            Arrays.fill(all, 3 * SIZE, 4 * SIZE, 0);
            var masked = run(chain("[null, 4, 3]", MASKING, recurrent, gates), all);
            var shorter = run(chain("[null, 2, 3]", "", recurrent, gates), steps(all, 0, 2));
            assertArrayEquals(shorter, masked, 1e-6f, backwards);
        }
    }

    @ParameterizedTest
    @CsvSource({"SimpleRNN, 1", "GRU, 3", "LSTM, 4"})
    void aHiddenStepRepeatsTheOutputBefore(String kind, int gates) {
        var recurrent = layer(kind, "r", "'units': 2, 'return_sequences': true");
        var all = random(4 * SIZE, 7);
        Arrays.fill(all, 0, SIZE, 0);
        Arrays.fill(all, 2 * SIZE, 3 * SIZE, 0);
        var masked = run(chain("[null, 4, 3]", MASKING, recurrent, gates), all);
        var shorter = run(chain("[null, 2, 3]", "", recurrent, gates), steps(all, 1, 3));
        var expected =
                new float[] {
                    0, 0, shorter[0], shorter[1], shorter[0], shorter[1], shorter[2], shorter[3]
                };
        assertArrayEquals(expected, masked, 1e-6f);
    }

    @Test
    void anEmbeddingHidesZerosAndLayersBetweenHandTheMaskOn() {
        var embedding =
                layer("Embedding", "e", "'input_dim': 5, 'output_dim': 3, 'mask_zero': %s") + ", ";
        var between = layer("Activation", "a", "'activation': 'tanh'") + ", ";
        var recurrent = layer("LSTM", "r", "'units': 2");
        var masked = chain("[null, 4]", embedding.formatted("true") + between, recurrent, 4);
        var plain = chain("[null, 2]", embedding.formatted("false") + between, recurrent, 4);
        var words = Tensor.of(new float[] {0, 3, 0, 1}, 1, 4);
        var others = Tensor.of(new float[] {3, 1}, 1, 2);
        assertArrayEquals(
                Interpreter.run(plain, List.of(others)).getFirst().floats(),
                Interpreter.run(masked, List.of(words)).getFirst().floats(),
                1e-6f);
    }

    @Test
    void bothDirectionsSkipHiddenSteps() {
        var recurrent = layer("Bidirectional", "r", "'layer': " + layer("GRU", "g", "'units': 1"));
        var all = random(4 * SIZE, 9);
        Arrays.fill(all, SIZE, 3 * SIZE, 0);
        var file = folder.resolve("model.h5");
        var results = new ArrayList<float[]>();
        for (var masked : List.of(true, false)) {
            try (var hdf = HdfFile.write(file)) {
                var config =
                        "{'class_name': 'Sequential', 'config': [{'class_name': 'InputLayer', 'config':"
                                + " {'name': 'x', 'batch_input_shape': [null, "
                                + (masked ? 4 : 2)
                                + ", 3]}}, "
                                + (masked ? MASKING : "")
                                + recurrent
                                + "]}";
                hdf.putAttribute("model_config", config.replace('\'', '"'));
                hdf.putAttribute("keras_version", "2.1.0");
                var layer = hdf.putGroup("model_weights").putGroup("r");
                for (var half : List.of("f", "b")) {
                    int seed = half.charAt(0);
                    layer.putDataset(half + "k", matrix(SIZE, 3, seed));
                    layer.putDataset(half + "r", matrix(1, 3, seed + 1));
                    layer.putDataset(half + "b", random(3, seed + 2));
                }
                layer.putAttribute(
                        "weight_names", new String[] {"fk", "fr", "fb", "bk", "br", "bb"});
            }
            var x = masked ? all : steps(all, 0, 3);
            results.add(run(KerasImporter.read(file).graph(), x));
        }
        assertArrayEquals(results.get(1), results.get(0), 1e-6f);
    }

    @ParameterizedTest
    @CsvSource({"SimpleRNN, 1, 1", "GRU, 3, 1", "LSTM, 4, 2"})
    void statesAreInputsAndOutputs(String kind, int gates, int states) {
        var all = random(4 * SIZE, 5);
        var plain = layer(kind, "r", "'units': 2");
        var whole = run(chain("[1, 4, 3]", "", plain, gates), all);
        var stateful = layer(kind, "r", "'units': 2, 'stateful': true");
        var half = chain("[1, 2, 3]", "", stateful, gates);
        assertEquals("r.state_0: float32[1, 2]", half.inputs().get(1).toString());
        assertEquals("r.state_0", half.outputNames().get(1));
        var zeros = new Tensor[states];
        Arrays.setAll(zeros, i -> Tensor.zeros(DType.FLOAT32, 1, UNITS));
        var first = outputs(half, steps(all, 0, 1), zeros);
        var kept = first.subList(1, first.size()).toArray(new Tensor[0]);
        assertEquals(states, kept.length);
        var second = outputs(half, steps(all, 2, 3), kept);
        assertArrayEquals(whole, second.getFirst().floats(), 1e-6f);
    }

    private String complaint(String config) {
        return String.valueOf(
                assertThrows(GraphException.class, () -> read(config, 1)).getMessage());
    }

    @Test
    void aLayerWithNoUseForAMaskRefusesIt() {
        var flatten = layer("Flatten", "f", "'trainable': true");
        var e =
                assertThrows(
                        GraphException.class, () -> chain("[null, 4, 3]", MASKING, flatten, 1));
        assertEquals(
                "Flatten 'f' (model.h5): input: expected a sequence without a mask, got one that hides"
                        + " steps",
                e.getMessage());
    }

    private static String model(String layers, String output) {
        return "{'class_name': 'Model', 'config': {'name': 'm', 'layers': ["
                + "{'class_name': 'InputLayer', 'name': 'x', 'config': {'name': 'x',"
                + " 'batch_input_shape': [1, 4, 3]}, 'inbound_nodes': []}, "
                + layers
                + "], 'input_layers': [['x', 0, 0]], 'output_layers': [['"
                + output
                + "', 0, 0]]}}";
    }

    private static String called(String kind, String name, String attributes, String calls) {
        var layer = layer(kind, name, attributes);
        return layer.substring(0, layer.length() - 1) + ", 'inbound_nodes': " + calls + "}";
    }

    @Test
    void twoMasksDoNotBecomeOne() {
        assertEquals(
                "Add 's' (model.h5): inputs: expected one mask, got 2",
                complaint(
                        model(
                                called("Masking", "a", "'mask_value': 0.0", "[[['x', 0, 0, {}]]]")
                                        + ", "
                                        + called(
                                                "Masking",
                                                "b",
                                                "'mask_value': 1.0",
                                                "[[['x', 0, 0, {}]]]")
                                        + ", "
                                        + called(
                                                "Add",
                                                "s",
                                                "'trainable': true",
                                                "[[['a', 0, 0, {}], ['b', 0, 0, {}]]]"),
                                "s")));
    }

    @Test
    void aStatefulLayerIsCalledOnceAndGivenNoStates() {
        var attributes = "'units': 2, 'stateful': true, 'return_sequences': true";
        assertEquals(
                "SimpleRNN 'r' (model.h5): stateful: expected one call of the layer, got another",
                complaint(
                        model(
                                called(
                                        "SimpleRNN",
                                        "r",
                                        attributes,
                                        "[[['x', 0, 0, {}]], [['x', 0, 0, {}]]]"),
                                "r")));
        var state = called("GlobalMaxPooling1D", "p", "'trainable': true", "[[['x', 0, 0, {}]]]");
        assertEquals(
                "SimpleRNN 'r' (model.h5): inputs: expected a sequence alone, where it is stateful, got"
                        + " 2",
                complaint(
                        model(
                                state
                                        + ", "
                                        + called(
                                                "SimpleRNN",
                                                "r",
                                                attributes,
                                                "[[['x', 0, 0, {}], ['p', 0, 0, {}]]]"),
                                "r")));
    }
}
