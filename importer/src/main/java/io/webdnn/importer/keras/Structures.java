package io.webdnn.importer.keras;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Lists and maps of what a call is given, at any depth.
final class Structures {
    private Structures() {}

    /// {@return the leaves of a class, in order}
    static <T> List<T> leaves(@Nullable Object structure, Class<T> kind) {
        var leaves = new ArrayList<T>();
        addLeaves(structure, kind, leaves);
        return leaves;
    }

    private static <T> void addLeaves(@Nullable Object structure, Class<T> kind, List<T> leaves) {
        switch (structure) {
            case List<?> list -> list.forEach(each -> addLeaves(each, kind, leaves));
            case Map<?, ?> map -> map.values().forEach(each -> addLeaves(each, kind, leaves));
            case null -> {}
            default -> {
                if (kind.isInstance(structure)) leaves.add(kind.cast(structure));
            }
        }
    }

    /// {@return the same structure with other leaves}
    static @Nullable Object map(
            @Nullable Object structure, Function<Object, @Nullable Object> leaf) {
        return switch (structure) {
            case List<?> list -> {
                var changed = new ArrayList<@Nullable Object>();
                list.forEach(each -> changed.add(map(each, leaf)));
                yield changed;
            }
            case Map<?, ?> map -> {
                var changed = new LinkedHashMap<Object, @Nullable Object>();
                map.forEach((key, value) -> changed.put(key, map(value, leaf)));
                yield changed;
            }
            case null -> null;
            default -> leaf.apply(structure);
        };
    }
}
