package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.Map;

/// Ends training when a figure no longer gets better.
///
/// ```java
/// new EarlyStopping("val_loss").patience(3)
/// ```
public final class EarlyStopping implements Callback {
    private final String figure;
    private double minDelta;
    private int patience;
    private Monitor monitor;
    private int waited;
    private Model model = new Sequential();

    /// @param figure what is watched: `val_loss`, `val_accuracy`, …
    public EarlyStopping(String figure) {
        this.figure = figure;
        this.monitor = new Monitor("EarlyStopping", figure, "auto");
    }

    /// Sets by how much a figure must be better, 0 at first.
    public EarlyStopping minDelta(double least) {
        minDelta = Math.abs(least);
        return this;
    }

    /// Sets how many epochs may be no better, 0 at first.
    public EarlyStopping patience(int epochs) {
        if (epochs < 0) throw TrainingException.of("EarlyStopping", "patience", ">= 0", epochs);
        patience = epochs;
        return this;
    }

    /// Sets what is better: `min`, `max`, or `auto`, larger accuracies and smaller others.
    public EarlyStopping mode(String mode) {
        monitor = new Monitor("EarlyStopping", figure, mode);
        return this;
    }

    @Override
    public void onTrainBegin(Model begun) {
        model = begun;
        waited = 0;
        monitor.forget();
    }

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        if (monitor.improves(monitor.of(logs), minDelta)) {
            waited = 0;
        } else if (waited++ >= patience) {
            model.stopTraining();
        }
    }
}
