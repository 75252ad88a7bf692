package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.file.Json;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes models as Keras 2.0 does: one HDF5 file with the configuration in attributes and an array
/// for each weight.
final class ModelWriter {
    /// The version of Keras whose files these are like.
    private static final String VERSION = "2.0.6";

    private final Path file;
    private final Model model;

    private ModelWriter(Path file, Model model) {
        this.file = file;
        this.model = model;
    }

    static void write(Path file, Model model) {
        var root = new Hdf5Group();
        new ModelWriter(file, model).write(root);
        Hdf5File.write(file, root);
    }

    /// Writes the weights alone, as `save_weights` does.
    static void writeWeights(Path file, Model model) {
        var root = new Hdf5Group();
        new ModelWriter(file, model).writeLayers(root);
        Hdf5File.write(file, root);
    }

    private void write(Hdf5Group root) {
        var network = new LinkedHashMap<String, Object>();
        network.put("class_name", model.kind());
        network.put("config", model.configuration());
        putText(root, "model_config", Json.write(network));
        putVersion(root);
        writeLayers(root.putGroup("model_weights"));
        if (model.isCompiled()) writeTraining(root, model.training());
    }

    private void putVersion(Hdf5Group group) {
        putText(group, "keras_version", VERSION);
        putText(group, "backend", "tensorflow");
    }

    private void writeLayers(Hdf5Group group) {
        putVersion(group);
        group.put("layer_names", model.layers().stream().map(Layer::name).toList());
        for (var layer : model.layers()) {
            var own = group.putGroup(layer.name());
            var names = new ArrayList<String>();
            var weights = layer.weights();
            for (var weight : weights) {
                // of a model within the model the layer inside gives the name
                var owner = weight.layer().name();
                var path = (owner + "/" + weight.name() + ":0").split("/", -1);
                names.add(String.join("/", path));
                var at = own;
                for (int i = 0; i < path.length - 1; i++) {
                    var below = at.group(path[i]);
                    at = below == null ? at.putGroup(path[i]) : below;
                }
                at.put(path[path.length - 1], weight.toFile(weight.parameter().array()));
            }
            own.put("weight_names", names);
        }
    }

    private void writeTraining(Hdf5Group root, Training training) {
        var optimizer = OptimizerConfig.of(training.optimizer());
        if (optimizer == null) return;
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.put("optimizer_config", optimizer.describe());
        var goals = training.goals();
        var first = goals.getFirst();
        boolean one = goals.size() == 1;
        var losses = goals.stream().map(goal -> goal.loss().describe()).toList();
        config.put("loss", one ? losses.getFirst() : losses);
        config.put("metrics", first.metrics().stream().map(it -> it.metric().describe()).toList());
        config.put("sample_weight_mode", null);
        config.put("loss_weights", one ? null : goals.stream().map(Goal::weight).toList());
        putText(root, "training_config", Json.write(config));
        var state = optimizerState(training, optimizer);
        if (state.isEmpty()) return;
        var group = root.putGroup("optimizer_weights");
        group.put("weight_names", List.copyOf(state.keySet()));
        state.forEach(group::put);
    }

    /// {@return the optimizer's arrays in the order in which Keras keeps them: all of the first
    /// kind, then all of the second}
    private static Map<String, Tensor> optimizerState(Training training, OptimizerConfig config) {
        var optimizer = training.optimizer();
        var arrays = new LinkedHashMap<String, Tensor>();
        if (config.countsUpdates())
            arrays.put("iterations:0", Tensor.of(new long[] {optimizer.t()}));
        var weights = training.trained();
        for (int kind = 0; kind < config.states(); kind++) {
            for (var weight : weights) {
                var kept = optimizer.state(weight.parameter());
                var state =
                        kind < kept.size()
                                ? kept.get(kind).array()
                                : Tensor.zeros(DType.FLOAT32, weight.parameter().shape().toInts());
                int k = arrays.size() - (config.countsUpdates() ? 1 : 0);
                arrays.put(k == 0 ? "Variable:0" : "Variable_" + k + ":0", weight.toFile(state));
            }
        }
        return arrays;
    }

    private void putText(Hdf5Group group, String name, String text) {
        try {
            group.put(name, text);
        } catch (IllegalArgumentException e) {
            throw FileException.of(
                    file.toString(),
                    "attribute '" + name + "'",
                    "at most " + Hdf5Group.LARGEST_ATTRIBUTE + " bytes, as HDF5 has it",
                    e.getMessage());
        }
    }
}
