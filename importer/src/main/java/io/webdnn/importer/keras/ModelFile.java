package io.webdnn.importer.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.file.Json;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    static ModelFile read(Path path) {
        var file = path.toString();
        var root = Hdf5File.read(path, "optimizer_weights");
        var text = root.text("model_config");
        if (text == null) {
            throw FileException.of(
                    file,
                    "attribute 'model_config'",
                    "Keras's model (a file of save_weights alone has none; write it with"
                            + " model.save)",
                    "none");
        }
        var group = root.group("model_weights");
        if (group == null)
            throw FileException.of(file, "group 'model_weights'", "the layers' weights", "none");
        var version = root.text("keras_version");
        if (version == null) version = group.text("keras_version");
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

    private static Map<String, List<StoredWeight>> weights(String file, Hdf5Group group) {
        var weights = new LinkedHashMap<String, List<StoredWeight>>();
        group.children()
                .forEach((name, layer) -> {
                    if (!(layer instanceof Hdf5Group inside)) return;
                    var stored = new ArrayList<StoredWeight>();
                    for (var path : inside.texts("weight_names"))
                        stored.add(new StoredWeight(path, inside.floats(file, path)));
                    weights.put(name, stored);
                });
        return weights;
    }

    private static String firstLine(String text) {
        var line = text.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }
}
