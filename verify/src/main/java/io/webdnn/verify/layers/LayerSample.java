package io.webdnn.verify.layers;

import io.webdnn.graph.Graph;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import io.webdnn.tensor.random.RandomStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// The least that uses a layer of Keras, as a file of Keras has it: `samples.tsv` says the layer's
/// class, the shapes of its inputs, without the batch, those of its weights, and its attributes.
///
/// @param ofWords whether the inputs are strings
public record LayerSample(
        String kind, List<int[]> inputs, boolean ofWords, List<int[]> weights, String attributes) {
    private static final String WORDS = "words ";
    private static final int BATCH = 2;

    public LayerSample {
        inputs = List.copyOf(inputs);
        weights = List.copyOf(weights);
    }

    /// {@return the samples, by the names of the layers}
    public static List<LayerSample> all() {
        try (InputStream in = LayerSample.class.getResourceAsStream("samples.tsv")) {
            var text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().map(LayerSample::of).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LayerSample of(String line) {
        var parts = List.of(line.split("\t", -1));
        boolean ofWords = parts.get(1).startsWith(WORDS);
        var inputs = ofWords ? parts.get(1).substring(WORDS.length()) : parts.get(1);
        return new LayerSample(
                parts.get(0),
                shapes(inputs, "\\|"),
                ofWords,
                shapes(parts.get(2), ";"),
                parts.get(3));
    }

    private static List<int[]> shapes(String text, String between) {
        if (text.isEmpty()) return List.of();
        return Arrays.stream(text.split(between, -1))
                .map(shape ->
                        Arrays.stream(shape.split(",", -1)).mapToInt(Integer::parseInt).toArray())
                .toList();
    }

    /// {@return the layer's graph, the batch being a symbol}
    public Graph graph() {
        try {
            var file = Files.createTempFile("layer", ".h5");
            try {
                Hdf5File.write(file, file());
                return KerasImporter.read(file).graph();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Hdf5Group file() {
        var root = new Hdf5Group();
        root.put("model_config", config().replace('\'', '"'));
        root.put("keras_version", "2.9.0");
        var layer = root.putGroup("model_weights").putGroup("layer");
        var inside = layer.putGroup("layer");
        inside.put("kind", List.of(kind)); // groups must not be empty
        var names = new ArrayList<String>();
        for (int i = 0; i < weights.size(); i++) {
            names.add("layer/w" + i);
            inside.put("w" + i, random(i, 0.1f, 0.9f, weights.get(i)));
        }
        if (!names.isEmpty()) layer.put("weight_names", names);
        return root;
    }

    private String config() {
        var layers = new ArrayList<String>();
        var ends = new ArrayList<String>();
        for (int i = 0; i < inputs.size(); i++) {
            var shape = Arrays.toString(inputs.get(i)).substring(1);
            layers.add(
                    "{'class_name': 'InputLayer', 'name': 'x%d', 'config': {'name': 'x%d',"
                                    .formatted(i, i)
                            + (ofWords ? " 'dtype': 'string'," : "")
                            + " 'batch_input_shape': [null, "
                            + shape
                            + "}, 'inbound_nodes': []}");
            ends.add("['x" + i + "', 0, 0]");
        }
        layers.add(
                "{'class_name': '%s', 'name': 'layer', 'config': {'name': 'layer'%s},"
                                .formatted(kind, attributes.isEmpty() ? "" : ", " + attributes)
                        + " 'inbound_nodes': [["
                        + String.join(", ", ends).replace("]", ", {}]")
                        + "]]}");
        return "{'class_name': 'Functional', 'config': {'name': 'model', 'layers': "
                + layers
                + ", 'input_layers': "
                + ends
                + ", 'output_layers': [['layer', 0, 0]]}}";
    }

    /// {@return a batch for each input: small whole numbers and halves}
    public List<Tensor> batches() {
        var batches = new ArrayList<Tensor>();
        for (int i = 0; i < inputs.size(); i++) {
            int[] shape = new int[inputs.get(i).length + 1];
            shape[0] = BATCH;
            System.arraycopy(inputs.get(i), 0, shape, 1, shape.length - 1);
            var batch = random(100 + i, 0, 3, shape);
            float[] values = batch.floats();
            for (int k = 0; k < values.length; k++) values[k] = (float) Math.floor(values[k]);
            batches.add(ofWords ? words(batch) : batch);
        }
        return batches;
    }

    /// {@return `a`, `b` … for 0, 1 …}
    private static Tensor words(Tensor numbers) {
        var words = new String[numbers.size()];
        for (int i = 0; i < words.length; i++)
            words[i] = String.valueOf((char) ('a' + (int) numbers.getDouble(i)));
        return Tensor.of(DType.STRING, words, numbers.shape());
    }

    private static Tensor random(int stream, float low, float high, int[] shape) {
        var random = new RandomStream(5, stream);
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++) values[i] = low + (high - low) * random.nextFloat();
        return tensor;
    }
}
