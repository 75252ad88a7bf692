package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a call is given, by place and by name: `mha(x, value=y, use_causal_mask=True)`. Tensors may
/// stand in lists, and beside numbers.
final class CallArguments {
    private final List<@Nullable Object> positional;
    private final Map<String, @Nullable Object> named;
    private final Set<String> asked = new HashSet<>();

    CallArguments(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        this.positional = Collections.unmodifiableList(positional);
        this.named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
    }

    static CallArguments none() {
        return new CallArguments(List.of(), Map.of());
    }

    /// {@return the tensors that are given by place, in order}
    List<Value> inputs() {
        return Structures.leaves(positional, Value.class);
    }

    /// {@return what is given by place, as it stands}
    List<@Nullable Object> positional() {
        return positional;
    }

    /// {@return what is given under a name, null if nothing is}
    @Nullable Object get(String name) {
        asked.add(name);
        return named.get(name);
    }

    /// {@return the tensors under a name, none if it was not given}
    List<Value> tensors(String name) {
        return Structures.leaves(get(name), Value.class);
    }

    boolean flag(LayerConfig layer, String name) {
        var value = get(name);
        if (value == null) return false;
        if (value instanceof Boolean flag) return flag;
        throw layer.wrong("call argument '" + name + "'", "true or false", value);
    }

    /// Complains about what nothing asked for.
    void expectNoOther(LayerConfig layer) {
        named.forEach((name, value) -> {
            if (asked.contains(name)) return;
            boolean isTensor = !Structures.leaves(value, Value.class).isEmpty();
            throw layer.wrong(
                    "call argument '" + name + "'", "none", isTensor ? "a tensor" : value);
        });
    }
}
