package io.webdnn.importer.keras;

import io.webdnn.graph.type.GraphException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The attributes of a layer as its file says them. What a translation does not ask for is
/// complained about, since it could change what the layer computes.
final class LayerConfig {
    /// Attributes that say how a layer is trained, named, or fed, but not what it computes.
    private static final Set<String> NEVER_MATTER =
            Set.of(
                    "name",
                    "trainable",
                    "dtype",
                    "batch_input_shape",
                    "batch_size",
                    "input_shape",
                    "input_dim",
                    "input_length",
                    "input_dtype",
                    "implementation",
                    "unroll",
                    "consume_less",
                    "init",
                    "inner_init",
                    "W_constraint",
                    "b_constraint",
                    "W_regularizer",
                    "b_regularizer",
                    "U_regularizer",
                    "dropout_W",
                    "dropout_U",
                    "autocast",
                    "lora_alpha",
                    "lora_rank",
                    "optional",
                    "quantization_config",
                    "ragged",
                    "sparse",
                    "use_cudnn",
                    "dropout",
                    "recurrent_dropout",
                    "seed");

    private final String kind;
    private final String name;
    private final Map<?, ?> values;
    private final String module;
    private final Set<String> asked = new HashSet<>();

    private LayerConfig(String kind, String name, Map<?, ?> values, String module) {
        this.kind = kind;
        this.name = name;
        this.values = values;
        this.module = module;
    }

    LayerConfig(String kind, String name, Map<?, ?> values) {
        this(kind, name, values, "");
    }

    /// {@return the configuration that an entry `{"class_name": …, "config": {…}}` holds}
    static LayerConfig of(String place, @Nullable Object entry) {
        if (entry instanceof Map<?, ?> map
                && map.get("class_name") instanceof String kind
                && config(map.get("config")) instanceof Map<?, ?> config) {
            // a raw operation's own name is not the one by which others call the layer
            var first = kind.equals(RawOperations.KIND) ? map : config;
            var name = first.get("name");
            if (name == null) name = map.get("name");
            return new LayerConfig(
                    FirstNames.kind(kind),
                    name == null ? "" : name.toString(),
                    FirstNames.attributes(kind, config),
                    map.get("module") instanceof String module ? module : "");
        }
        throw GraphException.of(place, "layer", "an object with class_name and config", entry + "");
    }

    /// Keras 1 and the first Keras 2 write a Sequential as its layers alone.
    private static @Nullable Object config(@Nullable Object said) {
        return said instanceof List<?> layers ? Map.of("layers", layers) : said;
    }

    /// {@return the layer's class: `Conv2D`}
    String kind() {
        return kind;
    }

    String name() {
        return name;
    }

    /// {@return whether this is an operation of Keras 3 (`keras.src.ops.numpy`) or of TensorFlow,
    /// called on tensors in the place of a layer}
    boolean isOperation() {
        return module.contains(".ops.") || Operations.OF_TENSORFLOW.contains(kind);
    }

    /// {@return whether the file does not say where the class is from}
    boolean hasNoModule() {
        return module.isEmpty();
    }

    /// {@return `Conv2D 'conv2d_1'`}
    String place() {
        return kind + " '" + name + "'";
    }

    GraphException wrong(String argument, String expected, @Nullable Object actual) {
        return GraphException.of(place(), argument, expected, String.valueOf(actual));
    }

    @Nullable Object get(String key) {
        asked.add(key);
        return values.get(key);
    }

    boolean has(String key) {
        return get(key) != null;
    }

    void ignore(String... keys) {
        asked.addAll(Arrays.asList(keys));
    }

    void ignoreAll() {
        for (var key : values.keySet()) asked.add(String.valueOf(key));
    }

    /// Takes what is not set for what is not there.
    void ignoreNulls() {
        values.forEach((key, value) -> {
            if (value == null) asked.add(String.valueOf(key));
        });
    }

    int integer(String key) {
        var value = get(key);
        if (value instanceof Long number && number == (int) (long) number)
            return (int) (long) number;
        throw wrong(key, "an integer", value);
    }

    int integer(String key, int otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    float real(String key, double otherwise) {
        var value = get(key);
        if (value == null) return (float) otherwise;
        if (value instanceof Number number) return number.floatValue();
        // Keras writes NumPy scalars and arrays of one element as objects with a value.
        if (value instanceof Map<?, ?> map && map.get("value") instanceof Number number)
            return number.floatValue();
        throw wrong(key, "a number", value);
    }

    /// {@return numbers: one, or those of a list, however deep}
    float[] reals(String key, double otherwise) {
        var value = get(key);
        if (value == null) return new float[] {(float) otherwise};
        var numbers = new ArrayList<Float>();
        addNumbers(key, value, numbers);
        var reals = new float[numbers.size()];
        for (int i = 0; i < reals.length; i++) reals[i] = numbers.get(i);
        return reals;
    }

    private void addNumbers(String key, @Nullable Object value, List<Float> numbers) {
        switch (value) {
            case Number number -> numbers.add(number.floatValue());
            case List<?> list -> list.forEach(each -> addNumbers(key, each, numbers));
            // arrays of NumPy
            case Map<?, ?> map when map.get("value") != null ->
                    addNumbers(key, map.get("value"), numbers);
            case Map<?, ?> map when map.get("config") != null ->
                    addNumbers(key, map.get("config"), numbers);
            case null, default -> throw wrong(key, "numbers", value);
        }
    }

    boolean flag(String key, boolean otherwise) {
        var value = get(key);
        if (value == null) return otherwise;
        if (value instanceof Boolean flag) return flag;
        throw wrong(key, "true or false", value);
    }

    String text(String key, String otherwise) {
        var value = get(key);
        if (value == null) return otherwise;
        if (value instanceof String text) return text;
        throw wrong(key, "a text", value);
    }

    String choice(String key, String otherwise, String... others) {
        var value = text(key, otherwise);
        if (value.equals(otherwise) || Arrays.asList(others).contains(value)) return value;
        var known = new ArrayList<>(List.of(otherwise));
        known.addAll(Arrays.asList(others));
        throw wrong(key, "one of " + known, value);
    }

    /// {@return an integer for each of `count` axes; a single one counts for all}
    List<Integer> integers(String key, int count, int otherwise) {
        var value = get(key);
        if (value == null || value instanceof Long) {
            int each = value == null ? otherwise : integer(key);
            return Collections.nCopies(count, each);
        }
        var integers = integers(key);
        if (integers.size() != count) throw wrong(key, count + " integers", value);
        return integers;
    }

    List<Integer> integers(String key) {
        var value = get(key);
        return toIntegers(key, value);
    }

    private List<Integer> toIntegers(String key, @Nullable Object value) {
        var integers = new ArrayList<Integer>();
        if (value instanceof List<?> list) {
            for (var element : list) {
                if (!(element instanceof Long number)) throw wrong(key, "integers", value);
                integers.add(Math.toIntExact(number));
            }
            return integers;
        }
        throw wrong(key, "a list of integers", value);
    }

    /// {@return begin and end for each of `count` axes, of what is written as a number, a number
    /// for each axis, or a pair for each axis}
    List<List<Integer>> pairs(String key, int count) {
        var value = get(key);
        var pairs = new ArrayList<List<Integer>>();
        if (value instanceof Long) {
            int each = integer(key);
            for (int d = 0; d < count; d++) pairs.add(List.of(each, each));
            return pairs;
        }
        // one axis is written as (begin, end)
        var list =
                value instanceof List<?> given && count == 1 && given.size() == 2
                        ? List.of(given)
                        : value;
        if (!(list instanceof List<?> entries) || entries.size() != count)
            throw wrong(key, "a pair for each of " + count + " axes", value);
        for (var entry : entries) {
            if (entry instanceof Long each) {
                pairs.add(List.of(Math.toIntExact(each), Math.toIntExact(each)));
            } else {
                var pair = toIntegers(key, entry);
                if (pair.size() != 2) throw wrong(key, "a pair for each axis", value);
                pairs.add(pair);
            }
        }
        return pairs;
    }

    /// {@return the same layer but for one attribute}
    LayerConfig with(String key, Object value) {
        var changed = new LinkedHashMap<Object, @Nullable Object>(values);
        changed.put(key, value);
        return new LayerConfig(kind, key.equals("name") ? value + "" : name, changed, module);
    }

    /// {@return a layer of another class with the same attributes}
    LayerConfig as(String otherKind) {
        return new LayerConfig(otherKind, name, values);
    }

    /// {@return a layer that stands in this one's attributes}
    LayerConfig inner(String key) {
        return of(place(), get(key));
    }

    /// Complains about attributes that nothing asked for.
    void expectNoOther() {
        for (var key : values.keySet()) {
            var attribute = String.valueOf(key);
            if (asked.contains(attribute)
                    || NEVER_MATTER.contains(attribute)
                    || attribute.endsWith("_init")
                    || attribute.endsWith("_initializer")
                    || attribute.endsWith("_regularizer")
                    || attribute.endsWith("_constraint")) continue;
            throw GraphException.of(
                    place(),
                    "attribute '" + attribute + "'",
                    "one that this layer is known to have",
                    String.valueOf(values.get(key)));
        }
    }
}
