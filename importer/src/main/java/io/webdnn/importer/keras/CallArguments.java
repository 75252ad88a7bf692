package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a call of a layer is given by name: `mha(x, value=y, use_causal_mask=True)`.
final class CallArguments {
    private final Map<String, List<Value>> tensors;
    private final Map<String, Object> values;
    private final Set<String> asked = new HashSet<>();

    CallArguments(Map<String, List<Value>> tensors, Map<String, Object> values) {
        this.tensors = tensors;
        this.values = values;
    }

    static CallArguments none() {
        return new CallArguments(Map.of(), Map.of());
    }

    /// {@return the tensors under a name, none if it was not given}
    List<Value> tensors(String name) {
        asked.add(name);
        return tensors.getOrDefault(name, List.of());
    }

    boolean flag(LayerConfig layer, String name) {
        asked.add(name);
        var value = values.getOrDefault(name, false);
        if (value instanceof Boolean flag) return flag;
        throw layer.wrong("call argument '" + name + "'", "true or false", value);
    }

    /// Complains about what nothing asked for.
    void expectNoOther(LayerConfig layer) {
        for (var name : tensors.keySet()) expectAsked(layer, name, "a tensor");
        values.forEach((name, value) -> expectAsked(layer, name, value));
    }

    private void expectAsked(LayerConfig layer, String name, Object value) {
        if (!asked.contains(name)) throw layer.wrong("call argument '" + name + "'", "none", value);
    }
}
