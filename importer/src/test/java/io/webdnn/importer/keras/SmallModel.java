package io.webdnn.importer.keras;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A model that a test writes as Keras does: layers in JSON with `'` for `"`, and the weights of
/// the layer `d`.
final class SmallModel {
    private final String version;
    private final String config;
    private final Map<String, List<Tensor>> weights;
    private String backend = "tensorflow";

    private SmallModel(String version, String config, Map<String, List<Tensor>> weights) {
        this.version = version;
        this.config = config;
        this.weights = weights;
    }

    /// One layer named `d` on one input, whose shape is written without the batch: `3, 4`.
    static SmallModel of(
            String version, String kind, String attributes, String shape, Tensor... weights) {
        var layers =
                "[{'class_name': 'InputLayer', 'config': {'name': 'x', 'batch_input_shape': [null, "
                        + shape
                        + "]}}, {'class_name': '"
                        + kind
                        + "', 'config': {'name': 'd'"
                        + (attributes.isEmpty() ? "" : ", " + attributes)
                        + "}}]";
        var config =
                "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': " + layers + "}}";
        return new SmallModel(version, config, Map.of("d", List.of(weights)));
    }

    /// One layer named `d`, called on inputs `x0`, `x1` … as `inbound` says.
    static SmallModel functional(
            String version,
            String kind,
            String attributes,
            List<String> shapes,
            String inbound,
            Tensor... weights) {
        var layers = new ArrayList<String>();
        var ends = new ArrayList<String>();
        for (int i = 0; i < shapes.size(); i++) {
            layers.add(
                    "{'class_name': 'InputLayer', 'name': 'x%d', 'config': {'name': 'x%d',"
                                    .formatted(i, i)
                            + " 'batch_input_shape': [null, "
                            + shapes.get(i)
                            + "]}, 'inbound_nodes': []}");
            ends.add("['x" + i + "', 0, 0]");
        }
        // a class of its own module is written with a colon: keras.src.ops.numpy:Add
        int colon = kind.indexOf(':');
        var module = colon < 0 ? "" : "'module': '" + kind.substring(0, colon) + "', ";
        layers.add(
                "{%s'class_name': '%s', 'name': 'd', 'config': {'name': 'd'%s}, 'inbound_nodes': %s}"
                        .formatted(
                                module,
                                kind.substring(colon + 1),
                                attributes.isEmpty() ? "" : ", " + attributes,
                                inbound));
        var config =
                "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': "
                        + layers
                        + ", 'input_layers': "
                        + ends
                        + ", 'output_layers': [['d', 0, 0]]}}";
        return new SmallModel(version, config, Map.of("d", List.of(weights)));
    }

    /// A model whose configuration is given as a whole, and the weights of its layers.
    static SmallModel written(String version, String config, Map<String, List<Tensor>> weights) {
        return new SmallModel(version, config, weights);
    }

    /// The same model, computed by another of Keras's backends.
    SmallModel on(String other) {
        backend = other;
        return this;
    }

    KerasImporter importer() {
        try {
            var file = Files.createTempFile("model", ".h5");
            var root = new Hdf5Group();
            root.put("model_config", config.replace('\'', '"'));
            root.put("keras_version", version);
            root.put("backend", backend);
            var layers = root.putGroup("model_weights");
            layers.putGroup("empty").put("note", List.of("a group must not be empty"));
            weights.forEach((name, tensors) -> put(layers.putGroup(name), name, tensors));
            Hdf5File.write(file, root);
            var importer = KerasImporter.read(file);
            Files.delete(file);
            return importer;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void put(Hdf5Group layer, String name, List<Tensor> tensors) {
        var names = new ArrayList<String>();
        var inside = layer.putGroup(name);
        inside.put("note", List.of("a group must not be empty"));
        for (int i = 0; i < tensors.size(); i++) {
            names.add(name + "/w" + i);
            inside.put("w" + i, tensors.get(i));
        }
        if (!names.isEmpty()) layer.put("weight_names", names);
    }

    Tensor run(Tensor... inputs) {
        return Interpreter.run(importer().graph(), List.of(inputs)).getFirst();
    }

    /// {@return numbers between −1 and 1}
    static Tensor random(int seed, int... shape) {
        var random = new Random(seed);
        int size = 1;
        for (int extent : shape) size *= extent;
        var values = new float[size];
        for (int i = 0; i < size; i++) values[i] = 2 * random.nextFloat() - 1;
        return Tensor.of(values, shape);
    }
}
