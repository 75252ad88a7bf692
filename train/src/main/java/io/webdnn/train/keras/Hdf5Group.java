package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A group of an HDF5 file that is to be written, in memory: attributes, arrays, groups.
final class Hdf5Group {
    /// What an attribute may take of an object header.
    static final int LARGEST_ATTRIBUTE = 64_512;

    private final Map<String, Attribute> attributes = new LinkedHashMap<>();
    private final Map<String, Object> children = new LinkedHashMap<>();

    /// The value of an attribute.
    sealed interface Attribute {}

    /// One text.
    record Text(String text) implements Attribute {}

    /// A list of texts, each filled with zeros to the length of the longest.
    record Texts(List<String> texts) implements Attribute {}

    /// A list without elements, which NumPy takes for one of float64.
    record Nothing() implements Attribute {}

    /// @throws IllegalArgumentException if it does not fit into an attribute
    void put(String name, String text) {
        int size = bytes(text).length;
        if (size > LARGEST_ATTRIBUTE) throw new IllegalArgumentException(size + " bytes");
        attributes.put(name, new Text(text));
    }

    /// Puts a list of texts, in parts where it is too long, as Keras does: `layer_names0`, ….
    void put(String name, List<String> texts) {
        if (texts.isEmpty()) {
            attributes.put(name, new Nothing());
            return;
        }
        int longest = texts.stream().mapToInt(text -> bytes(text).length).max().orElse(0);
        int each = Math.max(1, LARGEST_ATTRIBUTE / Math.max(1, longest));
        if (texts.size() <= each) {
            attributes.put(name, new Texts(texts));
            return;
        }
        for (int from = 0, part = 0; from < texts.size(); from += each, part++) {
            var some = texts.subList(from, Math.min(texts.size(), from + each));
            attributes.put(name + part, new Texts(some));
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Puts an array of float32, or a whole number as int64.
    void put(String name, Tensor array) {
        children.put(name, array);
    }

    /// {@return a new group below this one}
    Hdf5Group putGroup(String name) {
        var group = new Hdf5Group();
        children.put(name, group);
        return group;
    }

    Map<String, Attribute> attributes() {
        return attributes;
    }

    /// {@return the arrays ([Tensor]) and groups below this one}
    Map<String, Object> children() {
        return children;
    }
}
