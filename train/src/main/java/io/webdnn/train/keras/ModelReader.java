package io.webdnn.train.keras;

import io.jhdf.HdfFile;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.exceptions.HdfException;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.train.Parameter;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what [ModelWriter] and Keras 2 write.
final class ModelReader {
    private final String file;
    private final Group root;

    private ModelReader(String file, Group root) {
        this.file = file;
        this.root = root;
    }

    /// Puts the weights of a file into a model of the same layers.
    static void readWeights(Path path, Model model) {
        if (!Files.exists(path))
            throw FileException.reading(path, new NoSuchFileException(path.toString()));
        HdfFile hdf;
        try {
            hdf = new HdfFile(path);
        } catch (RuntimeException e) {
            throw broken(path, e);
        }
        try (hdf) {
            new ModelReader(path.toString(), hdf).weights(model);
        } catch (HdfException | IndexOutOfBoundsException | BufferUnderflowException e) {
            throw broken(path, e);
        }
    }

    /// jHDF meets broken files with whatever its reading of buffers runs into.
    private static FileException broken(Path path, RuntimeException e) {
        var why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return FileException.saying(
                path.toString(),
                "no HDF5 file, or a broken one: " + why.lines().findFirst().orElse(""));
    }

    private void weights(Model model) {
        // a file of save_weights has the layers at its root
        var group = root.getChildren().get("model_weights") instanceof Group inner ? inner : root;
        var stored = new ArrayList<Group>();
        for (var name : texts(group, "layer_names")) {
            if (!(group.getChildren().get(name) instanceof Group layer))
                throw FileException.of(file, "layer '" + name + "'", "a group", "none");
            if (!texts(layer, "weight_names").isEmpty()) stored.add(layer);
        }
        var layers = model.layers().stream().filter(layer -> !layer.weights().isEmpty()).toList();
        if (stored.size() != layers.size()) {
            throw FileException.of(
                    file, "layers with weights", String.valueOf(layers.size()), stored.size());
        }
        // all of it is checked before any of it is changed
        var found = new LinkedHashMap<Parameter, Tensor>();
        for (int i = 0; i < stored.size(); i++) weights(stored.get(i), layers.get(i), found);
        found.forEach(Parameter::assign);
    }

    private void weights(Group stored, Layer layer, Map<Parameter, Tensor> found) {
        var names = texts(stored, "weight_names");
        var weights = layer.weights();
        if (names.size() != weights.size())
            throw FileException.of(
                    file, layer.toString(), weights.size() + " weights", names.size());
        for (int i = 0; i < names.size(); i++) {
            var weight = weights.get(i);
            var tensor = tensor(stored, names.get(i));
            if (!Arrays.equals(tensor.shape(), weight.fileShape())) {
                throw FileException.of(
                        file,
                        layer + ": " + weight.name(),
                        Arrays.toString(weight.fileShape()),
                        Arrays.toString(tensor.shape()));
            }
            found.put(weight.parameter(), weight.fromFile(tensor));
        }
    }

    private Tensor tensor(Group group, String path) {
        var dataset = group.getDatasetByPath(path);
        int[] shape = dataset.getDimensions();
        return switch (dataset.getDataFlat()) {
            case float[] values -> Tensor.of(values, shape);
            case double[] values -> {
                var narrow = new float[values.length];
                for (int i = 0; i < narrow.length; i++) narrow[i] = (float) values[i];
                yield Tensor.of(narrow, shape);
            }
            case null, default ->
                    throw FileException.of(
                            file, "array '" + path + "'", "float32", dataset.getJavaType());
        };
    }

    /// {@return the texts of an attribute, which Keras splits where it is too long: layer_names0,
    /// …}
    private static List<String> texts(Node node, String name) {
        var whole = value(node, name);
        if (whole instanceof String[] texts) return List.of(texts);
        if (whole instanceof String text) return List.of(text);
        var parts = new ArrayList<String>();
        for (int i = 0; value(node, name + i) instanceof String[] texts; i++)
            parts.addAll(List.of(texts));
        return parts;
    }

    private static @Nullable Object value(Node node, String name) {
        var attribute = node.getAttributes().get(name);
        return attribute == null || attribute.isEmpty() ? null : attribute.getData();
    }
}
