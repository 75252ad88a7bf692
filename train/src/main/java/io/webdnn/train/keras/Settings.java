package io.webdnn.train.keras;

import io.webdnn.tensor.file.FileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a file says of something: `{"class_name": …, "config": {…}}`.
final class Settings {
    private final String file;
    private final String kind;
    private final Map<?, ?> values;

    private Settings(String file, String kind, Map<?, ?> values) {
        this.file = file;
        this.kind = kind;
        this.values = values;
    }

    /// {@return the settings that a value of the file holds}
    static Settings of(String file, @Nullable Object value) {
        if (value instanceof Map<?, ?> map && map.get("class_name") instanceof String kind) {
            // a Sequential's is the list of its layers in the first files of Keras 2
            var config = map.get("config");
            if (config instanceof List<?>)
                return new Settings(file, kind, Map.of("layers", config));
            if (config instanceof Map<?, ?> inner) return new Settings(file, kind, inner);
        }
        throw FileException.of(
                file, "configuration", "an object with class_name and config", value);
    }

    /// {@return such a value}
    static Map<String, @Nullable Object> described(String kind, Object... pairs) {
        var config = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < pairs.length; i += 2) config.put((String) pairs[i], pairs[i + 1]);
        var described = new LinkedHashMap<String, @Nullable Object>();
        described.put("class_name", kind);
        described.put("config", config);
        return described;
    }

    String file() {
        return file;
    }

    String kind() {
        return kind;
    }

    Map<?, ?> values() {
        return values;
    }

    FileException wrong(String argument, String expected, @Nullable Object actual) {
        var name = values.get("name");
        var place = name == null ? kind : kind + " '" + name + "'";
        return FileException.of(file, place + ": " + argument, expected, actual);
    }

    boolean has(String key) {
        return values.get(key) != null;
    }

    /// Complains about settings that nothing here asks for.
    void expectOnly(String... known) {
        for (var key : values.keySet())
            if (!List.of(known).contains(String.valueOf(key)) && values.get(key) != null)
                throw wrong("setting '" + key + "'", "one that is known", values.get(key));
    }

    int integer(String key) {
        if (values.get(key) instanceof Long number && number == (int) (long) number)
            return (int) (long) number;
        throw wrong(key, "an integer", values.get(key));
    }

    int integer(String key, int otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    double real(String key, double otherwise) {
        var value = values.get(key);
        if (value == null) return otherwise;
        if (value instanceof Number number) return number.doubleValue();
        // Keras writes NumPy's numbers as objects with a value
        if (value instanceof Map<?, ?> map && map.get("value") instanceof Number number)
            return number.doubleValue();
        throw wrong(key, "a number", value);
    }

    boolean flag(String key, boolean otherwise) {
        var value = values.get(key);
        if (value == null) return otherwise;
        if (value instanceof Boolean flag) return flag;
        throw wrong(key, "true or false", value);
    }

    String text(String key, String otherwise) {
        var value = values.get(key);
        if (value == null) return otherwise;
        if (value instanceof String text) return text;
        throw wrong(key, "a text", value);
    }

    /// {@return integers; a single one is a list of itself}
    int[] integers(String key) {
        var value = values.get(key);
        var list = value instanceof List<?> many ? many : List.of(integer(key));
        int[] integers = new int[list.size()];
        for (int i = 0; i < integers.length; i++) {
            if (!(list.get(i) instanceof Number number)) throw wrong(key, "integers", value);
            integers[i] = number.intValue();
        }
        return integers;
    }

    /// {@return extents, −1 for one that is left open; a single one is a list of itself}
    int[] extents(String key) {
        if (!(values.get(key) instanceof List<?> list)) return integers(key);
        int[] extents = new int[list.size()];
        for (int i = 0; i < extents.length; i++) {
            if (list.get(i) != null && !(list.get(i) instanceof Long))
                throw wrong(key, "integers, or null", list);
            extents[i] = list.get(i) instanceof Long extent ? Math.toIntExact(extent) : -1;
        }
        return extents;
    }

    /// {@return numbers; a single one is a list of itself}
    double[] numbers(String key) {
        var value = values.get(key);
        var list = value instanceof List<?> many ? many : List.of(value == null ? "none" : value);
        double[] numbers = new double[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(list.get(i) instanceof Number number)) throw wrong(key, "numbers", value);
            numbers[i] = number.doubleValue();
        }
        return numbers;
    }

    List<?> list(String key) {
        if (values.get(key) instanceof List<?> list) return list;
        throw wrong(key, "a list", values.get(key));
    }

    /// {@return what stands in these settings, null if there is nothing}
    @Nullable Settings inner(String key) {
        var value = values.get(key);
        return value == null ? null : of(file, value);
    }

    /// {@return how many examples a batch has, 0 where that is left open}
    int batchSize() {
        if (!has("batch_input_shape") || list("batch_input_shape").isEmpty()) return 0;
        var size = list("batch_input_shape").getFirst();
        if (size == null) return 0;
        if (size instanceof Long number && number > 0) return Math.toIntExact(number);
        throw wrong("batch_input_shape", "a batch of null, or of one or more examples", size);
    }

    /// {@return the shape of an example, null where a layer does not say it}
    int @Nullable [] batchShape() {
        if (!has("batch_input_shape")) return null;
        var shape = new ArrayList<Integer>();
        var whole = list("batch_input_shape");
        for (var extent : whole.subList(Math.min(1, whole.size()), whole.size())) {
            if (!(extent instanceof Long number))
                throw wrong("batch_input_shape", "numbers but for the batch", whole);
            shape.add(Math.toIntExact(number));
        }
        return shape.stream().mapToInt(Integer::intValue).toArray();
    }

    /// Complains about channels first, which files of Keras may have.
    void expectChannelsLast() {
        var format = text("data_format", "channels_last");
        if (!format.equals("channels_last")) throw wrong("data_format", "channels_last", format);
    }
}
