package io.webdnn.importer.keras;

import io.webdnn.importer.keras.ModelFile.StoredWeight;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The weights of an archive of Keras 3. Layers stand there under the names of their classes,
/// numbered in the order of the model: `layers/conv2d/vars/0`, `layers/conv2d_1/vars/0`.
final class ArchiveWeights {
    private final String file;

    private ArchiveWeights(String file) {
        this.file = file;
    }

    /// {@return the weights by layer}
    ///
    /// @param model the entry of a model, with `class_name` and `config`
    static Map<String, List<StoredWeight>> of(String file, Map<?, ?> model, Hdf5Group group) {
        return new ArchiveWeights(file).layers(model, group);
    }

    private Map<String, List<StoredWeight>> layers(Map<?, ?> model, Hdf5Group group) {
        var found = new LinkedHashMap<String, List<StoredWeight>>();
        var config = LayerConfig.of(file, model);
        var counts = new HashMap<String, Integer>();
        if (!(config.get("layers") instanceof List<?> entries)) return found;
        for (var entry : entries) {
            var layer = LayerConfig.of(file, entry);
            var kind = snakeCase(layer.kind());
            int number = counts.merge(kind, 1, Integer::sum) - 1;
            var own = group.group("layers/" + kind + (number == 0 ? "" : "_" + number));
            if (own == null) continue;
            if (Network.isModel(layer) && entry instanceof Map<?, ?> inner) {
                var all = new ArrayList<StoredWeight>();
                layers(inner, own).values().forEach(all::addAll);
                found.put(layer.name(), all);
            } else {
                var weights = new ArrayList<StoredWeight>();
                collect(layer.name(), own, weights);
                found.put(layer.name(), weights);
            }
        }
        return found;
    }

    /// As Keras does it: `MaxPooling2D` is `max_pooling2d`.
    private static String snakeCase(String kind) {
        return kind.replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }

    /// Adds a layer's own weights, by number, then those of what it is made of.
    private void collect(String path, Hdf5Group group, List<StoredWeight> weights) {
        var names = new ArrayList<>(group.children().keySet());
        names.sort(Comparator.comparingInt(ArchiveWeights::rank).thenComparing(name -> name));
        for (var name : names) {
            // states of random numbers are no weights
            if (name.startsWith("seed_generator")) continue;
            switch (group.children().get(name)) {
                case Hdf5Group inner -> collect(path + "/" + name, inner, weights);
                case Tensor tensor
                        when tensor.dtype() == DType.FLOAT32 || tensor.dtype() == DType.FLOAT64 ->
                        weights.add(new StoredWeight(path + "/" + name, group.floats(file, name)));
                case null, default -> {}
            }
        }
    }

    /// Numbers in their order, the layer's own before others, the layer that reads forwards before
    /// the one that reads backwards, and the parts of attention in the order of a layer's weights.
    private static int rank(String name) {
        if (name.matches("\\d{1,6}")) return Integer.parseInt(name);
        return switch (name) {
            case "vars" -> -6;
            case "forward_layer", "query_dense", "_query_dense" -> -5;
            case "key_dense", "_key_dense" -> -4;
            case "value_dense", "_value_dense" -> -3;
            case "output_dense", "_output_dense" -> -2;
            default -> Integer.MAX_VALUE;
        };
    }
}
