package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.function.IntToDoubleFunction;

/// Sets the learning rate of each epoch.
public final class LearningRateScheduler implements Callback {
    private final IntToDoubleFunction schedule;
    private Model model = new Sequential();

    /// @param schedule the rate of an epoch, counted from 0
    public LearningRateScheduler(IntToDoubleFunction schedule) {
        this.schedule = schedule;
    }

    @Override
    public void onTrainBegin(Model begun) {
        model = begun;
    }

    @Override
    public void onEpochBegin(int epoch) {
        double rate = schedule.applyAsDouble(epoch);
        if (!(rate >= 0)) throw TrainingException.of("LearningRateScheduler", "rate", ">= 0", rate);
        model.optimizer().learningRate(rate);
    }
}
