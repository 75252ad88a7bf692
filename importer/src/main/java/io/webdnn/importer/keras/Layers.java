package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The table of layers: from the class of a layer to its translation.
final class Layers {
    /// What becomes of a call of a layer.
    @FunctionalInterface
    interface Layer {
        /// {@return the layer's first output; [LayerCall#alsoGive] gives others}
        Value translate(LayerCall call);
    }

    private static final Map<String, Layer> TABLE = table();

    private Layers() {}

    private static Map<String, Layer> table() {
        var table = new TreeMap<String, Layer>();
        CoreLayers.addTo(table);
        ActivationLayers.addTo(table);
        ConvolutionLayers.addTo(table);
        MergeLayers.addTo(table);
        RecurrentLayers.addTo(table);
        WrapperLayers.addTo(table);
        PoolingLayers.addTo(table);
        return table;
    }

    /// {@return the outputs of a call, after which nothing of the layer is left unread}
    static List<Value> translate(LayerCall call) {
        var config = call.config();
        var layer = TABLE.get(config.kind());
        if (layer == null) {
            if (config.kind().equals("Lambda")) {
                throw config.wrong(
                        "layer",
                        "one that says what it computes (write the function as a layer that Keras"
                                + " has, or as a graph in Java)",
                        "Python code");
            }
            throw config.wrong("layer", "a layer that can be imported", config.kind());
        }
        var output = layer.translate(call);
        config.expectNoOther();
        call.weights().expectNoOther(config);
        call.masks().passThrough(config, call.inputs(), output);
        var outputs = new ArrayList<>(List.of(output));
        outputs.addAll(call.further());
        return outputs;
    }
}
