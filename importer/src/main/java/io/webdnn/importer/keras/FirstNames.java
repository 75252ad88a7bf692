package io.webdnn.importer.keras;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
                    "SeparableConvolution2D", "SeparableConv2D");

    private static final Map<String, String> ATTRIBUTES =
            Map.of(
                    "atrous_rate", "dilation_rate",
                    "bias", "use_bias",
                    "border_mode", "padding",
                    "filter_length", "kernel_size",
                    "nb_filter", "filters",
                    "pool_length", "pool_size",
                    "stride", "strides",
                    "subsample", "strides",
                    "subsample_length", "strides");

    private static final List<String> EXTENTS =
            List.of("kernel_dim1", "kernel_dim2", "kernel_dim3", "nb_row", "nb_col");

    private FirstNames() {}

    static String kind(String kind) {
        return KINDS.getOrDefault(kind, kind);
    }

    /// {@return the attributes under their later names; those of other versions stay}
    static Map<?, ?> attributes(String kind, Map<?, ?> attributes) {
        boolean isFirst =
                KINDS.containsKey(kind) || kind.contains("Pooling") && isOfFirst(attributes);
        if (!isFirst) return attributes;
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

    private static boolean isOfFirst(Map<?, ?> attributes) {
        return attributes.containsKey("border_mode") || attributes.containsKey("pool_length");
    }
}
