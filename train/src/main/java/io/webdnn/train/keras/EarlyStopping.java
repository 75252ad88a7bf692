package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.TrainingException;
import java.util.List;
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
    private double baseline = Double.NaN;
    private int firstEpoch;
    private boolean restores;
    private List<Tensor> best = List.of();
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

    /// Sets what a figure must be better than from the beginning: nothing at first.
    public EarlyStopping baseline(double least) {
        baseline = least;
        return this;
    }

    /// Sets whether, where this ends training, the model gets back the weights of its best epoch:
    /// `false` at first.
    public EarlyStopping restoreBestWeights(boolean whether) {
        restores = whether;
        return this;
    }

    /// Sets from which epoch on figures are watched, counted from 0: from the first at first.
    public EarlyStopping startFromEpoch(int epoch) {
        if (epoch < 0)
            throw TrainingException.of("EarlyStopping", "start from epoch", ">= 0", epoch);
        firstEpoch = epoch;
        return this;
    }

    @Override
    public void onTrainBegin(Model begun) {
        model = begun;
        waited = 0;
        best = List.of();
        monitor.forget();
        if (!Double.isNaN(baseline)) monitor.improves(baseline, 0);
    }

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        if (epoch < firstEpoch) return;
        if (restores && best.isEmpty()) best = copy(); // where no epoch is better than the baseline
        if (monitor.improves(monitor.of(logs), minDelta)) {
            waited = 0;
            if (restores) best = copy();
        } else if (waited++ >= patience) {
            model.stopTraining();
            restore();
        }
    }

    private List<Tensor> copy() {
        return model.weights().stream().map(weight -> weight.parameter().array()).toList();
    }

    private void restore() {
        for (int i = 0; i < best.size(); i++)
            model.weights().get(i).parameter().assign(best.get(i));
    }
}
