package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The table of layers: from the class of a layer to its translation.
final class Layers {
    /// What becomes of a call of a layer.
    @FunctionalInterface
    interface Layer {
        /// {@return the layer's first output; [LayerCall#alsoGive] gives others}
        Value translate(LayerCall call);
    }

    /// Layers that call something else, and the way around them.
    private static final Map<String, String> OF_OTHERS =
            Map.of(
                    "TorchModuleWrapper",
                    "export PyTorch's module as ONNX",
                    "FlaxLayer",
                    "write it with layers of Keras",
                    "JaxLayer",
                    "write it with layers of Keras",
                    "TFSMLayer",
                    "convert the model that the SavedModel was made of",
                    "KerasLayer",
                    "convert the model that TensorFlow Hub's was made of");

    private static final Map<String, Layer> TABLE = table();

    private Layers() {}

    private static Map<String, Layer> table() {
        var table = new TreeMap<String, Layer>();
        CoreLayers.addTo(table);
        ActivationLayers.addTo(table);
        AttentionLayers.addTo(table);
        CategoryLayers.addTo(table);
        ConvolutionalMemory.addTo(table);
        FirstLayers.addTo(table);
        LocalLayers.addTo(table);
        NormalizationLayers.addTo(table);
        PreprocessingLayers.addTo(table);
        RecurrentCells.addTo(table);
        ConvolutionLayers.addTo(table);
        MergeLayers.addTo(table);
        RecurrentLayers.addTo(table);
        WrapperLayers.addTo(table);
        PoolingLayers.addTo(table);
        return table;
    }

    static Set<String> names() {
        return Collections.unmodifiableSet(TABLE.keySet());
    }

    private static @Nullable Layer translation(LayerCall call) {
        var config = call.config();
        var layer = TABLE.get(config.kind());
        // an .h5 of Keras 3 does not say which of both a class is
        boolean isOperation =
                config.isOperation()
                        || config.hasNoModule()
                                && call.version().major() > 2
                                && (layer == null || call.arguments().positional().size() > 1);
        var operation = isOperation ? Operations.translation(call) : null;
        return operation == null ? layer : operation;
    }

    /// {@return the outputs of a call, after which nothing of the layer is left unread}
    static List<Value> translate(LayerCall call) {
        var config = call.config();
        var custom = call.context().custom().get(config.kind());
        var layer = custom == null ? translation(call) : CustomLayers.translation(custom);
        if (layer == null) {
            var way = OF_OTHERS.get(config.kind());
            if (way != null)
                throw config.wrong(
                        "layer", "one that says what it computes (" + way + ")", config.kind());
            if (config.kind().equals("Lambda")) {
                throw config.wrong(
                        "layer",
                        "one that says what it computes (write the function as a layer that Keras"
                                + " has, or as a class of a layer and a CustomLayer for it)",
                        "Python code");
            }
            throw config.wrong(
                    "layer", "a layer of Keras, or one that a CustomLayer knows", config.kind());
        }
        var output = layer.translate(call);
        config.expectNoOther();
        call.arguments().expectNoOther(config);
        call.weights().expectNoOther(config);
        call.masks().passThrough(config, call.inputs(), output);
        var outputs = new ArrayList<>(List.of(output));
        outputs.addAll(call.further());
        return outputs;
    }
}
