package io.webdnn.importer.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.file.Json;
import io.webdnn.tensor.file.ZipContents;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a file holds of a model: the configuration, in an `.h5` file its attribute `model_config`,
/// and the weights of each layer, there below the group `model_weights`.
///
/// @param name for messages
/// @param version Keras's, as the file says; `1` where it does not
/// @param backend what computed for Keras; empty where the file does not say it
/// @param config the model's configuration
/// @param weights by layer, each in the order that the layer's `weight_names` says
record ModelFile(
        String name,
        String version,
        String backend,
        Map<?, ?> config,
        Map<String, List<StoredWeight>> weights) {
    /// A weight under the name that it had in the training program: `conv2d_1/kernel:0`.
    record StoredWeight(String path, Tensor value) {}

    /// @throws FileException if it cannot be read or is no model of Keras
    static ModelFile read(Path path) {
        var file = path.toString();
        if (file.toLowerCase(Locale.ROOT).endsWith(".keras")) return archive(path);
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
        var backend = root.text("backend");
        if (backend == null) backend = group.text("backend");
        return new ModelFile(
                file,
                version == null ? "1" : version,
                backend == null ? "" : backend,
                config(file, text),
                weights(file, group));
    }

    /// Reads the archive of Keras 3: configuration, version, weights.
    private static ModelFile archive(Path path) {
        var file = path.toString();
        try (var zip = ZipContents.open(path)) {
            var metadata = config(file + ": metadata.json", text(zip, "metadata.json"));
            var config = config(file + ": config.json", text(zip, "config.json"));
            var name = file + ": model.weights.h5";
            var weights = Hdf5File.read(name, zip.read("model.weights.h5"));
            return new ModelFile(
                    file,
                    metadata.get("keras_version") instanceof String version ? version : "3",
                    "",
                    config,
                    ArchiveWeights.of(name, config, weights));
        }
    }

    private static String text(ZipContents zip, String entry) {
        return new String(zip.read(entry), StandardCharsets.UTF_8);
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
