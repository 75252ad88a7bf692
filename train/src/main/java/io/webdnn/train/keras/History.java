package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The figures of each epoch of a `fit`.
public final class History implements Callback {
    private final List<Integer> epochs = new ArrayList<>();
    private final Map<String, List<Double>> history = new LinkedHashMap<>();

    /// A history of nothing yet.
    public History() {}

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        epochs.add(epoch);
        logs.forEach(
                (key, value) -> history.computeIfAbsent(key, _ -> new ArrayList<>()).add(value));
    }

    /// {@return the numbers of the epochs, counted from 0}
    public List<Integer> epochs() {
        return Collections.unmodifiableList(epochs);
    }

    /// {@return the figures by name, each with an entry for each epoch}
    public Map<String, List<Double>> history() {
        return Collections.unmodifiableMap(history);
    }

    /// {@return the entries of one figure, such as `val_accuracy`}
    public List<Double> get(String name) {
        var entries = history.get(name);
        if (entries == null)
            throw TrainingException.of("History", "name", "one of " + history.keySet(), name);
        return Collections.unmodifiableList(entries);
    }
}
