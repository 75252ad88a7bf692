package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that [Model#load] refuses, and how it says so.
class ModelLoadTest {
    @TempDir Path directory = Path.of("");

    private Hdf5Group file(String config) {
        var root = new Hdf5Group();
        root.put("model_config", config.replace('\'', '"'));
        root.putGroup("model_weights").put("layer_names", java.util.List.of());
        return root;
    }

    private void refused(Hdf5Group root, String message) {
        var path = directory.resolve("m.h5");
        Hdf5File.write(path, root);
        assertThatThrownBy(() -> Model.load(path)).hasMessage(path + ": " + message);
    }

    private void refused(String config, String message) {
        refused(file(config), message);
    }

    private static String row(String kind, String settings) {
        return "{'class_name': 'Sequential', 'config': [{'class_name': '%s', 'config': {'name': 'l', 'batch_input_shape': [null, 4, 4, 2], %s}}]}"
                .formatted(kind, settings);
    }

    @Test
    void configurations() {
        refused(
                new Hdf5Group(),
                "attribute 'model_config': expected Keras's model (a file of saveWeights has none),"
                        + " got none");
        refused(
                "{'class_name': 'Pile', 'config': {}}",
                "Pile: model: expected Sequential or Model, got Pile");
        refused(
                "{'class_name': 'Sequential'}",
                "configuration: expected an object with class_name and config, got"
                        + " {class_name=Sequential}");
        refused(
                row("MaxPooling2D", "'pool_size': [2, 2], 'data_format': 'channels_first'"),
                "MaxPooling2D 'l': data_format: expected channels_last, got channels_first");
        refused(row("Dense", "'units': 'two'"), "Dense 'l': units: expected an integer, got two");
        refused(row("Dense", "'units': 0"), "Dense: units: expected >= 1, got 0");
        refused(
                row("Dense", "'units': 2, 'use_bias': 1"),
                "Dense 'l': use_bias: expected true or false, got 1");
        refused(
                row(
                        "Dense",
                        "'units': 2, 'kernel_constraint': {'class_name': 'Tight', 'config': {}}"),
                "Tight: constraint: expected one that Keras 2 has, got Tight");
        refused(
                row("ConvLSTM1D", "'filters': 2, 'kernel_size': [1], 'stateful': true"),
                "ConvLSTM1D 'l': stateful: expected false, got true");
        refused(
                row("ConvLSTM1D", "'filters': 2, 'kernel_size': [1], 'dropout': 0.5"),
                "ConvLSTM1D 'l': dropout: expected 0, got 0.5");
        refused(
                row("RNN", "'cell': {'class_name': 'Dense', 'config': {'units': 2}}"),
                "RNN: cell: expected a cell, or a stack of cells, got Dense");
        refused(
                row("RNN", "'cell': null"),
                "RNN 'l': cell: expected a cell, or a stack of cells, got none");
        refused(
                row("SpectralNormalization", "'layer': {'class_name': 'Flatten', 'config': {}}"),
                "SpectralNormalization 'l': layer: expected one with a single kernel, got"
                        + " {class_name=Flatten, config={}}");
        refused(
                row("GRU", "'units': 2, 'recurrent_dropout': 1.5"),
                "GRU 'l': recurrent dropout: expected 0 <= rate < 1, got 1.5");
        refused(
                row("TimeDistributed", "'layer': null"),
                "TimeDistributed 'l': layer: expected a layer that is no model, got none");
        refused(
                row("Bidirectional", "'layer': {'class_name': 'Dense', 'config': {'units': 2}}"),
                "Bidirectional 'l': layer: expected a recurrent layer, got {class_name=Dense,"
                        + " config={units=2}}");
        refused(
                row("LayerNormalization", "'rms_scaling': true"),
                "LayerNormalization 'l': rms_scaling: expected false, got true");
        refused(
                row("RMSNormalization", "'axis': 1"),
                "RMSNormalization 'l': axis: expected -1, got 1");
        refused(
                row(
                        "Conv2DTranspose",
                        "'filters': 1, 'kernel_size': [2, 2], 'dilation_rate': [2, 2]"),
                "Conv2DTranspose 'l': dilation_rate: expected 1, got [2]");
        refused(
                row("UpSampling2D", "'size': [2, 2], 'interpolation': 'bilinear'"),
                "UpSampling2D 'l': interpolation: expected nearest, got bilinear");
        refused(
                row("BatchNormalization", "'axis': 1"),
                "BatchNormalization 'l': axis: expected -1, the last one, got 1");
        var path = directory.resolve("m.h5");
        Hdf5File.write(path, file(row("Lambda", "'function': 'x'")));
        assertThatThrownBy(() -> Model.load(path))
                .hasMessageStartingWith(path + ": Lambda 'l': layer: expected one of [Activation,")
                .hasMessageEndingWith("], got Lambda");
        refused(
                "{'class_name': 'Model', 'config': {'name': 'm', 'layers': [{'class_name': 'Add',"
                        + " 'config': {'name': 's'}, 'inbound_nodes': [[['s', 0, 0, {}]]]}],"
                        + " 'input_layers': [], 'output_layers': []}}",
                "Model 'm': layer 's': expected inputs from layers before, got [[s, 0, 0]]");
    }

    private Hdf5Group trained(String optimizer) {
        var root = file(row("Flatten", "'trainable': true"));
        root.put(
                "training_config",
                ("{'optimizer_config': {'class_name': '%s', 'config': {'lr': 0.5}}, 'loss': 'mse',"
                                + " 'metrics': []}")
                        .formatted(optimizer)
                        .replace('\'', '"'));
        return root;
    }

    @Test
    void optimizers() {
        refused(
                trained("Ftrl"),
                "Ftrl: optimizer: expected SGD, RMSprop, Adagrad, Adadelta, Adam, AdamW, Adamax,"
                        + " Nadam or Lion, got Ftrl");
        for (var kind :
                new String[] {"SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"}) {
            var path = directory.resolve(kind + ".h5");
            Hdf5File.write(path, trained(kind));
            var loaded = Model.load(path);
            assertThat(loaded.optimizer().getClass().getSimpleName()).isEqualTo(kind);
            assertThat(loaded.optimizer().learningRate()).isEqualTo(0.5);
        }
    }

    @Test
    void states() {
        var model = new Sequential(new Dense(2).inputShape(3));
        model.compile(new io.webdnn.train.optimizer.Adam(), "mse");
        var path = directory.resolve("m.h5");
        model.save(path);
        var fewer = Hdf5File.read(path);
        var group = java.util.Objects.requireNonNull(fewer.group("optimizer_weights"));
        group.put("weight_names", java.util.List.of("Variable:0"));
        refused(fewer, "optimizer_weights: expected 4 arrays, got 1");
        model.save(path);
        var other = Hdf5File.read(path);
        java.util.Objects.requireNonNull(other.group("optimizer_weights"))
                .put("Variable_1:0", Tensor.of(new float[3], 3));
        refused(other, "optimizer_weights: array 1: expected [2], got [3]");
    }
}
