package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.Map;

/// The best of a figure over epochs, for callbacks.
final class Monitor {
    private final String callback;
    private final String figure;
    private final boolean larger;
    private double best;

    /// @param mode `min`, `max`, or `auto`: larger is better for accuracies and areas
    Monitor(String callback, String figure, String mode) {
        this.callback = callback;
        this.figure = figure;
        larger =
                switch (mode) {
                    case "min" -> false;
                    case "max" -> true;
                    case "auto" -> figure.contains("acc") || figure.endsWith("auc");
                    default ->
                            throw TrainingException.of(callback, "mode", "auto, min or max", mode);
                };
        forget();
    }

    void forget() {
        best = larger ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    String figure() {
        return figure;
    }

    double best() {
        return best;
    }

    /// {@return the figure of an epoch}
    double of(Map<String, Double> logs) {
        var value = logs.get(figure);
        if (value == null)
            throw TrainingException.of(callback, "monitor", "one of " + logs.keySet(), figure);
        return value;
    }

    /// {@return whether a value is better than the best by more than that; it is the best then}
    boolean improves(double value, double least) {
        boolean better = larger ? value > best + least : value < best - least;
        if (better) best = value;
        return better;
    }
}
