package io.webdnn.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Figures under their names, in the order in which they were reported.
public final class Observation {
    private final Map<String, Object> figures = new LinkedHashMap<>();

    /// An observation of nothing yet.
    public Observation() {}

    /// Adds a figure that may not have been computed yet.
    public void put(String name, Variable figure) {
        figures.put(name, figure);
    }

    /// Adds a figure.
    public void put(String name, double figure) {
        figures.put(name, figure);
    }

    /// {@return the names}
    public Set<String> names() {
        return figures.keySet();
    }

    /// {@return the variable of that name, or null if there is none}
    public @Nullable Variable variable(String name) {
        return figures.get(name) instanceof Variable variable ? variable : null;
    }

    /// {@return a figure, computed if it is not yet}
    public double get(String name) {
        return switch (figures.get(name)) {
            case Variable variable -> variable.item();
            case Double number -> number;
            case null, default ->
                    throw TrainingException.of(
                            "Observation", "name", "one of " + figures.keySet(), name);
        };
    }
}
