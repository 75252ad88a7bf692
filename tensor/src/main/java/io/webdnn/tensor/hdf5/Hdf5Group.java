package io.webdnn.tensor.hdf5;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A group of an HDF5 file, in memory: attributes, arrays, groups.
public final class Hdf5Group {
    /// What an attribute may take of an object header, in bytes.
    public static final int LARGEST_ATTRIBUTE = 64_512;

    private final Map<String, Attribute> attributes = new LinkedHashMap<>();
    private final Map<String, Object> children = new LinkedHashMap<>();

    /// A group of nothing yet.
    public Hdf5Group() {}

    /// The value of an attribute.
    sealed interface Attribute {}

    /// One text.
    record Text(String text) implements Attribute {}

    /// A list of texts, each filled with zeros to the length of the longest.
    record Texts(List<String> texts) implements Attribute {}

    /// A list without elements, which NumPy takes for one of float64.
    record Nothing() implements Attribute {}

    /// {@return the text of an attribute, null if there is none of that name}
    public @Nullable String text(String name) {
        return switch (attributes.get(name)) {
            case Text(var text) -> text;
            case Texts(var texts) when texts.size() == 1 -> texts.getFirst();
            case null, default -> null;
        };
    }

    /// {@return the texts of an attribute, also of one that stands in parts since it is too long:
    /// `layer_names0`, …}
    public List<String> texts(String name) {
        var whole = list(name);
        if (whole != null) return whole;
        var parts = new ArrayList<String>();
        for (int i = 0; ; i++) {
            var part = list(name + i);
            if (part == null) return parts;
            parts.addAll(part);
        }
    }

    private @Nullable List<String> list(String name) {
        return switch (attributes.get(name)) {
            case Text(var text) -> List.of(text);
            case Texts(var texts) -> texts;
            case Nothing() -> List.of();
            case null -> null;
        };
    }

    /// Puts a text.
    ///
    /// @throws IllegalArgumentException if it does not fit into an attribute
    public void put(String name, String text) {
        int size = bytes(text).length;
        if (size > LARGEST_ATTRIBUTE) throw new IllegalArgumentException(size + " bytes");
        putText(name, text);
    }

    /// Puts a text that a file holds, which may be longer there than this writes.
    void putText(String name, String text) {
        attributes.put(name, new Text(text));
    }

    /// Puts a list of texts, in parts where it is too long, as Keras does: `layer_names0`, ….
    public void put(String name, List<String> texts) {
        if (texts.isEmpty()) {
            attributes.put(name, new Nothing());
            return;
        }
        int longest = texts.stream().mapToInt(text -> bytes(text).length).max().orElse(0);
        int each = Math.max(1, LARGEST_ATTRIBUTE / Math.max(1, longest));
        if (texts.size() <= each) {
            attributes.put(name, new Texts(List.copyOf(texts)));
            return;
        }
        for (int from = 0, part = 0; from < texts.size(); from += each, part++) {
            var some = texts.subList(from, Math.min(texts.size(), from + each));
            attributes.put(name + part, new Texts(List.copyOf(some)));
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// {@return the array at a path below this group, such as `conv2d_1/kernel:0`, null if there is
    /// none}
    public @Nullable Tensor array(String path) {
        return find(path) instanceof Tensor tensor ? tensor : null;
    }

    /// {@return the array at a path below this group, as float32}
    ///
    /// @param file for messages
    /// @throws FileException if there is none, or it is none of floating numbers
    public Tensor floats(String file, String path) {
        var found = array(path);
        if (found != null && found.dtype() == DType.FLOAT32) return found;
        if (found != null && found.dtype() == DType.FLOAT64) {
            double[] wide = found.doubles();
            float[] narrow = new float[wide.length];
            for (int i = 0; i < wide.length; i++) narrow[i] = (float) wide[i];
            return Tensor.of(narrow, found.shape());
        }
        throw FileException.of(
                file,
                "array '" + path + "'",
                "float32 or float64",
                found == null ? "none" : found.dtype().name().toLowerCase(Locale.ROOT));
    }

    /// {@return the group at a path below this one, null if there is none}
    public @Nullable Hdf5Group group(String path) {
        return find(path) instanceof Hdf5Group group ? group : null;
    }

    private @Nullable Object find(String path) {
        Object at = this;
        for (var name : path.split("/", -1)) {
            if (name.isEmpty()) continue;
            if (!(at instanceof Hdf5Group group)) return null;
            at = group.children.get(name);
        }
        return at;
    }

    /// Puts an array of float32 or float64, or int64, below this group.
    public void put(String name, Tensor array) {
        children.put(name, array);
    }

    /// {@return a new group below this one}
    public Hdf5Group putGroup(String name) {
        var group = new Hdf5Group();
        children.put(name, group);
        return group;
    }

    Map<String, Attribute> attributes() {
        return attributes;
    }

    /// {@return the arrays ([Tensor]) and groups below this one, under their names}
    public Map<String, Object> children() {
        return Collections.unmodifiableMap(children);
    }
}
