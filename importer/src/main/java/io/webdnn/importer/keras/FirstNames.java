package io.webdnn.importer.keras;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keras 1's names of layers and attributes, as Keras 2 has them.
final class FirstNames {
    private static final Map<String, String> KINDS =
            Map.of(
                    "AtrousConvolution1D", "Conv1D",
                    "AtrousConvolution2D", "Conv2D",
                    "Convolution1D", "Conv1D",
                    "Convolution2D", "Conv2D",
                    "Convolution3D", "Conv3D",
                    "Deconvolution2D", "Conv2DTranspose",
                    "SeparableConvolution2D", "SeparableConv2D",
                    "TimeDistributedDense", "Dense");

    /// Layers that kept their names, and not those of their attributes.
    private static final Set<String> KEPT =
            Set.of(
                    "AveragePooling1D",
                    "AveragePooling2D",
                    "AveragePooling3D",
                    "ConvLSTM2D",
                    "Dense",
                    "GRU",
                    "LSTM",
                    "LocallyConnected1D",
                    "LocallyConnected2D",
                    "MaxPooling1D",
                    "MaxPooling2D",
                    "MaxPooling3D",
                    "SimpleRNN",
                    "UpSampling1D");

    private static final Map<String, String> ATTRIBUTES =
            Map.ofEntries(
                    Map.entry("atrous_rate", "dilation_rate"),
                    Map.entry("bias", "use_bias"),
                    Map.entry("border_mode", "padding"),
                    Map.entry("filter_length", "kernel_size"),
                    Map.entry("inner_activation", "recurrent_activation"),
                    Map.entry("length", "size"),
                    Map.entry("nb_filter", "filters"),
                    Map.entry("output_dim", "units"),
                    Map.entry("pool_length", "pool_size"),
                    Map.entry("stride", "strides"),
                    Map.entry("subsample", "strides"),
                    Map.entry("subsample_length", "strides"));

    private static final List<String> EXTENTS =
            List.of("kernel_dim1", "kernel_dim2", "kernel_dim3", "nb_row", "nb_col");

    private FirstNames() {}

    static String kind(String kind) {
        return KINDS.getOrDefault(kind, kind);
    }

    /// {@return the attributes under their later names; those of other versions stay}
    static Map<?, ?> attributes(String kind, Map<?, ?> attributes) {
        if (!KINDS.containsKey(kind) && !KEPT.contains(kind)) return attributes;
        var renamed = new LinkedHashMap<Object, @Nullable Object>();
        var extents = new ArrayList<Object>();
        for (var entry : attributes.entrySet()) {
            var name = String.valueOf(entry.getKey());
            if (EXTENTS.contains(name) && entry.getValue() != null) continue;
            renamed.put(ATTRIBUTES.getOrDefault(name, name), entry.getValue());
        }
        for (var name : EXTENTS) {
            var extent = attributes.get(name);
            if (extent != null) extents.add(extent);
        }
        if (!extents.isEmpty()) renamed.put("kernel_size", extents);
        return renamed;
    }
}
