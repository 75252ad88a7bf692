package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which steps of a sequence, `[N, T, …]`, count: bool, `[N, T]`. An Embedding or a Masking makes a
/// mask, recurrent layers skip the steps that it hides, layers between hand it on.
final class Masks {
    /// What treats each step alone, or changes no value.
    private static final Set<String> HAND_ON =
            Set.of(
                    "Activation",
                    "ActivityRegularization",
                    "Add",
                    "AlphaDropout",
                    "Average",
                    "BatchNormalization",
                    "Dense",
                    "Dropout",
                    "ELU",
                    "GaussianDropout",
                    "GaussianNoise",
                    "GroupNormalization",
                    "Identity",
                    "LayerNormalization",
                    "LeakyReLU",
                    "Maximum",
                    "Minimum",
                    "Multiply",
                    "PReLU",
                    "RMSNormalization",
                    "ReLU",
                    "SpatialDropout1D",
                    "Subtract",
                    "SyncBatchNormalization",
                    "ThresholdedReLU",
                    "TimeDistributed",
                    "UnitNormalization");

    private static final Set<String> READ =
            Set.of(
                    "AdditiveAttention",
                    "Attention",
                    "Bidirectional",
                    "CuDNNGRU",
                    "CuDNNLSTM",
                    "GRU",
                    "GlobalAveragePooling1D",
                    "GroupQueryAttention",
                    "GroupedQueryAttention",
                    "LSTM",
                    "Masking",
                    "MultiHeadAttention",
                    "RNN",
                    "SimpleRNN");

    private final Map<Value, Value> masks = new HashMap<>();

    void put(Value sequence, Value mask) {
        masks.put(sequence, mask);
    }

    /// {@return the mask of a sequence, null if all its steps count}
    @Nullable Value of(Value sequence) {
        return masks.get(sequence);
    }

    /// Hands the mask of a layer's inputs on to its output.
    ///
    /// @throws io.webdnn.graph.type.GraphException if the layer needs to know the mask and has no
    ///   use for it
    void passThrough(LayerConfig layer, List<Value> inputs, Value output) {
        if (READ.contains(layer.kind())) return;
        var found = new LinkedHashSet<Value>();
        inputs.stream().map(masks::get).filter(Objects::nonNull).forEach(found::add);
        if (found.isEmpty()) return;
        if (!HAND_ON.contains(layer.kind()))
            throw layer.wrong("input", "a sequence without a mask", "one that hides steps");
        if (found.size() > 1) throw layer.wrong("inputs", "one mask", found.size());
        put(output, found.iterator().next());
    }
}
