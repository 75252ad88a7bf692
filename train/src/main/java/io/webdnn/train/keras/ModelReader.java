package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import io.webdnn.train.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads what [ModelWriter] and Keras 2 write.
final class ModelReader {
    private final String file;
    private final Hdf5Group root;

    private ModelReader(Path file) {
        this.file = file.toString();
        this.root = Hdf5File.read(file);
    }

    /// Puts the weights of a file into a model of the same layers.
    static void readWeights(Path path, Model model) {
        new ModelReader(path).weights(model);
    }

    private void weights(Model model) {
        // a file of save_weights has the layers at its root
        var inner = root.group("model_weights");
        var group = inner == null ? root : inner;
        var stored = new ArrayList<Hdf5Group>();
        for (var name : group.texts("layer_names")) {
            var layer = group.group(name);
            if (layer == null)
                throw FileException.of(file, "layer '" + name + "'", "a group", "none");
            if (!layer.texts("weight_names").isEmpty()) stored.add(layer);
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

    private void weights(Hdf5Group stored, Layer layer, Map<Parameter, Tensor> found) {
        var names = stored.texts("weight_names");
        var weights = layer.weights();
        if (names.size() != weights.size())
            throw FileException.of(
                    file, layer.toString(), weights.size() + " weights", names.size());
        for (int i = 0; i < names.size(); i++) {
            var weight = weights.get(i);
            var tensor = stored.floats(file, names.get(i));
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
}
