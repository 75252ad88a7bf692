package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.file.Json;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import io.webdnn.train.Configuration;
import io.webdnn.train.Parameter;
import io.webdnn.train.TrainingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what [ModelWriter] and Keras 2 write.
final class ModelReader {
    private final String file;
    private final Hdf5Group root;

    private ModelReader(Path file) {
        this.file = file.toString();
        this.root = Hdf5File.read(file);
    }

    /// {@return the model that a file holds}
    static Model read(Path path) {
        var reader = new ModelReader(path);
        var config = reader.json("model_config");
        if (config == null) {
            throw FileException.of(
                    path.toString(),
                    "attribute 'model_config'",
                    "Keras's model (a file of saveWeights has none)",
                    "none");
        }
        Model model;
        // the weights are replaced: what follows draws what it would without them
        try (var _ = Configuration.randomness(0)) {
            model = NetworkConfig.read(Settings.of(path.toString(), config));
        } catch (TrainingException e) {
            throw FileException.saying(path.toString(), String.valueOf(e.getMessage()));
        }
        reader.weights(model);
        var training = reader.json("training_config");
        if (training instanceof Map<?, ?> map) reader.compile(model, map);
        return model;
    }

    private @Nullable Object json(String name) {
        var text = root.text(name);
        if (text == null) return null;
        try {
            return Json.read(text);
        } catch (IOException e) {
            throw FileException.of(
                    file,
                    name,
                    "JSON",
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private void compile(Model model, Map<?, ?> config) {
        var optimizer = OptimizerConfig.read(Settings.of(file, config.get("optimizer_config")));
        int outputs = model.outputs().size();
        var said = config.get("loss");
        var losses = new ArrayList<Loss>();
        if (said instanceof List<?> several)
            for (var each : several) losses.add(Loss.read(model.toString(), file, each));
        else if (said != null) losses.add(Loss.read(model.toString(), file, said));
        var weights = new ArrayList<Double>(Collections.nCopies(outputs, 1.0));
        if (config.get("loss_weights") instanceof List<?> given && given.size() == outputs) {
            for (int i = 0; i < outputs; i++)
                if (given.get(i) instanceof Number number) weights.set(i, number.doubleValue());
        }
        var metrics = new ArrayList<Metric>();
        if (config.get("metrics") instanceof List<?> several)
            for (var each : several) metrics.add(Metric.read(file, each));
        try {
            model.compileAll(
                    optimizer,
                    losses.size() == 1 ? Collections.nCopies(outputs, losses.getFirst()) : losses,
                    weights,
                    metrics);
        } catch (TrainingException e) {
            throw FileException.saying(file, "training_config: " + e.getMessage());
        }
        state(model.training());
    }

    /// Gives the optimizer what it kept: all arrays of the first kind, then all of the second.
    private void state(Training training) {
        var group = root.group("optimizer_weights");
        if (group == null) return;
        var optimizer = training.optimizer();
        var kept = new ArrayList<Tensor>();
        for (var name : group.texts("weight_names")) {
            var array = group.array(name);
            // weights may be single numbers, too
            boolean isCount = name.contains("iter") && array != null && array.rank() == 0;
            if (isCount && array != null) optimizer.resume((long) array.getDouble(0));
            else kept.add(group.floats(file, name));
        }
        var weights = training.trained();
        var config = OptimizerConfig.of(optimizer);
        int states = config == null ? 0 : config.states();
        // later versions keep more behind these, which Adam without amsgrad does not use
        if (kept.size() < states * weights.size()) {
            throw FileException.of(
                    file, "optimizer_weights", states * weights.size() + " arrays", kept.size());
        }
        for (int k = 0; k < states; k++) {
            for (int i = 0; i < weights.size(); i++) {
                var weight = weights.get(i);
                var array = kept.get(k * weights.size() + i);
                if (!Arrays.equals(array.shape(), weight.fileShape())) {
                    throw FileException.of(
                            file,
                            "optimizer_weights: array " + (k * weights.size() + i),
                            Arrays.toString(weight.fileShape()),
                            Arrays.toString(array.shape()));
                }
                var own = optimizer.state(weight.parameter());
                if (k < own.size()) own.get(k).assign(weight.fromFile(array));
            }
        }
    }

    /// Puts the weights of a file into a model of the same layers.
    static void readWeights(Path path, Model model) {
        new ModelReader(path).weights(model);
    }

    /// Puts the weights and the optimizer's state of a file into a model that is trained alike.
    static void resume(Path path, Model model) {
        var reader = new ModelReader(path);
        reader.weights(model);
        reader.state(model.training());
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
