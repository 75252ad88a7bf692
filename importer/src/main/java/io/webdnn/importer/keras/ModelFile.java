package io.webdnn.importer.keras;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a Keras 1 or 2 `.h5` file holds of a model: the configuration that its attribute
/// `model_config` says, and the weights of each layer below the group `model_weights`.
///
/// @param name for messages
/// @param version Keras's, as the file says; `1` where it does not
/// @param config the model's configuration
/// @param weights by layer, each in the order that the layer's `weight_names` says
record ModelFile(
        String name, String version, Map<?, ?> config, Map<String, List<StoredWeight>> weights) {
    /// A weight under the name that it had in the training program: `conv2d_1/kernel:0`.
    record StoredWeight(String path, Tensor value) {}

    /// @throws FileException if it cannot be read or is no model of Keras
    static ModelFile read(Path file) {
        if (!Files.exists(file)) {
            throw FileException.reading(file, new NoSuchFileException(file.toString()));
        }
        try (var hdf = new HdfFile(file)) {
            return read(file.toString(), hdf);
        } catch (FileException e) {
            throw e;
        } catch (RuntimeException e) {
            // jHDF meets broken files with whatever its reading of buffers runs into.
            throw FileException.saying(
                    file.toString(),
                    "no HDF5 file, or a broken one: "
                            + (e.getMessage() == null
                                    ? e.getClass().getSimpleName()
                                    : firstLine(e.getMessage())));
        }
    }

    private static ModelFile read(String file, HdfFile hdf) {
        var text = text(hdf, "model_config");
        if (text == null) {
            throw FileException.of(
                    file,
                    "attribute 'model_config'",
                    "Keras's model (a file of save_weights alone has none; write it with"
                            + " model.save)",
                    "none");
        }
        if (!(hdf.getChildren().get("model_weights") instanceof Group group))
            throw FileException.of(file, "group 'model_weights'", "the layers' weights", "none");
        var version = text(hdf, "keras_version");
        if (version == null) version = text(group, "keras_version");
        return new ModelFile(
                file, version == null ? "1" : version, config(file, text), weights(file, group));
    }

    private static Map<?, ?> config(String file, String text) {
        try {
            if (Json.read(text) instanceof Map<?, ?> config) return config;
            throw FileException.of(file, "model_config", "a JSON object", firstLine(text));
        } catch (IOException e) {
            throw FileException.of(
                    file, "model_config", "JSON", firstLine(String.valueOf(e.getMessage())));
        }
    }

    private static Map<String, List<StoredWeight>> weights(String file, Group group) {
        var weights = new LinkedHashMap<String, List<StoredWeight>>();
        for (var layer : group.getChildren().values()) {
            if (!(layer instanceof Group inside)) continue;
            var stored = new ArrayList<StoredWeight>();
            for (var path : texts(inside, "weight_names")) {
                stored.add(new StoredWeight(path, tensor(file, inside, path)));
            }
            weights.put(layer.getName(), stored);
        }
        return weights;
    }

    private static Tensor tensor(String file, Group layer, String path) {
        var dataset = layer.getDatasetByPath(path);
        int[] shape = dataset.getDimensions();
        return switch (dataset.getDataFlat()) {
            case float[] values -> Tensor.of(values, shape);
            case double[] values -> {
                var narrow = new float[values.length];
                for (int i = 0; i < narrow.length; i++) narrow[i] = (float) values[i];
                yield Tensor.of(narrow, shape);
            }
            case Float value -> Tensor.of(new float[] {value}, shape);
            default ->
                    throw FileException.of(
                            file,
                            "weight '" + path + "'",
                            "float32 or float64",
                            dataset.getJavaType());
        };
    }

    private static @Nullable String text(Node node, String name) {
        return switch (value(node, name)) {
            case String text -> text;
            case String[] texts when texts.length == 1 -> texts[0];
            case null, default -> null;
        };
    }

    private static List<String> texts(Node node, String name) {
        // Keras splits lists that are longer than an attribute may be: weight_names0, 1, …
        var value = value(node, name);
        if (value instanceof String[] texts) return List.of(texts);
        if (value instanceof String text) return List.of(text);
        var parts = new ArrayList<String>();
        for (int i = 0; value(node, name + i) instanceof String[] texts; i++) {
            parts.addAll(List.of(texts));
        }
        return parts;
    }

    private static @Nullable Object value(Node node, String name) {
        Attribute attribute = node.getAttributes().get(name);
        return attribute == null || attribute.isEmpty() ? null : attribute.getData();
    }

    private static String firstLine(String text) {
        var line = text.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }
}
