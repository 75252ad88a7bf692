package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.Map;

/// Makes the learning rate smaller when a figure no longer gets better.
public final class ReduceLROnPlateau implements Callback {
    private final String figure;
    private double factor = 0.1;
    private int patience = 10;
    private double epsilon = 1e-4;
    private int cooldown;
    private double minRate;
    private Monitor monitor;
    private int waited;
    private int cooling;
    private Model model = new Sequential();

    /// @param figure what is watched: `val_loss`, …
    public ReduceLROnPlateau(String figure) {
        this.figure = figure;
        this.monitor = new Monitor("ReduceLROnPlateau", figure, "auto");
    }

    /// Sets what the rate is multiplied by, 0.1 at first.
    public ReduceLROnPlateau factor(double share) {
        if (!(share > 0 && share < 1))
            throw TrainingException.of("ReduceLROnPlateau", "factor", "0 < factor < 1", share);
        factor = share;
        return this;
    }

    /// Sets how many epochs may be no better, 10 at first.
    public ReduceLROnPlateau patience(int epochs) {
        if (epochs < 0) throw TrainingException.of("ReduceLROnPlateau", "patience", ">= 0", epochs);
        patience = epochs;
        return this;
    }

    /// Sets by how much a figure must be better, 0.0001 at first.
    public ReduceLROnPlateau epsilon(double least) {
        epsilon = least;
        return this;
    }

    /// Sets for how many epochs nothing is watched after a change, 0 at first.
    public ReduceLROnPlateau cooldown(int epochs) {
        cooldown = epochs;
        return this;
    }

    /// Sets what the rate stays above, 0 at first.
    public ReduceLROnPlateau minRate(double rate) {
        minRate = rate;
        return this;
    }

    /// Sets what is better: `min`, `max`, or `auto`, larger accuracies and smaller others.
    public ReduceLROnPlateau mode(String mode) {
        monitor = new Monitor("ReduceLROnPlateau", figure, mode);
        return this;
    }

    @Override
    public void onTrainBegin(Model begun) {
        model = begun;
        waited = 0;
        cooling = 0;
        monitor.forget();
    }

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        double value = monitor.of(logs);
        var optimizer = model.optimizer();
        logs.put("lr", optimizer.learningRate());
        if (cooling > 0) {
            cooling--;
            waited = 0;
        }
        if (monitor.improves(value, epsilon)) {
            waited = 0;
        } else if (cooling == 0) {
            if (waited >= patience && optimizer.learningRate() > minRate) {
                optimizer.learningRate(Math.max(optimizer.learningRate() * factor, minRate));
                cooling = cooldown;
                waited = 0;
            }
            waited++;
        }
    }
}
