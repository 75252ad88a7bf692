package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.importer.keras.ModelFile.StoredWeight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The weights of a layer, which its calls share. They are known by their order, as Keras itself
/// loads them; names differ between its versions.
final class LayerWeights {
    /// Stands for an extent that the layer does not know.
    static final int ANY = -1;

    /// What Keras 1 calls weights, behind the name of their layer.
    private static final String FIRST =
            "_([WUb](_[a-z]+)?|gamma|beta|running_mean|running_std|alphas|betas|[ta]_(left|right)"
                    + "|(depth|point)wise_kernel)(:\\d+)?";

    private final List<StoredWeight> stored;
    private final List<Value> values = new ArrayList<>();
    private final Set<Integer> asked = new HashSet<>();
    private @Nullable LayerWeights converted;

    LayerWeights(List<StoredWeight> stored) {
        this.stored = List.copyOf(stored);
        for (var weight : stored) values.add(Value.constant(weight.path(), weight.value()));
    }

    List<StoredWeight> stored() {
        return stored;
    }

    int size() {
        return stored.size();
    }

    /// {@return those of an inner layer, whose name stands in their paths; in Keras 1 it begins
    /// them: `dense_1_W`}
    LayerWeights of(String layer) {
        return new LayerWeights(
                stored.stream()
                        .filter(weight ->
                                Arrays.asList(weight.path().split("/")).contains(layer)
                                        || weight.path().matches(Pattern.quote(layer) + FIRST))
                        .toList());
    }

    /// {@return the same as a layer of Keras 2 has them}
    LayerWeights converted(LayerConfig layer, KerasVersion version) {
        if (version.major() > 1 && !version.isOfTheano()) return this;
        if (converted == null)
            converted = new LayerWeights(FirstWeights.converted(layer, stored, version));
        return converted;
    }

    LayerWeights range(int from, int to) {
        return new LayerWeights(stored.subList(from, to));
    }

    /// {@return the i-th weight}
    Value get(LayerConfig layer, int i, String role, int... shape) {
        if (i >= stored.size()) {
            throw layer.wrong(
                    "weights",
                    role + " " + text(shape) + " at place " + i,
                    stored.size() + " weights");
        }
        var value = stored.get(i).value();
        boolean fits = value.rank() == shape.length;
        for (int d = 0; fits && d < shape.length; d++) {
            fits = shape[d] == ANY || shape[d] == value.shape()[d];
        }
        if (!fits) {
            throw layer.wrong(
                    "weight '" + stored.get(i).path() + "'",
                    role + " " + text(shape),
                    Arrays.toString(value.shape()));
        }
        asked.add(i);
        return values.get(i);
    }

    /// Says that all will be asked for elsewhere.
    void ask() {
        for (int i = 0; i < stored.size(); i++) asked.add(i);
    }

    /// Complains about weights that nothing asked for.
    void expectNoOther(LayerConfig layer) {
        if (asked.size() < stored.size()) {
            throw layer.wrong("weights", asked.size() + " weights", stored.size());
        }
    }

    private static String text(int[] shape) {
        return Arrays.toString(shape).replace("-1", "any");
    }
}
