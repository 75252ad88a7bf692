package io.webdnn.train.training;

import io.webdnn.train.TrainingException;

/// Decides after each iteration whether something happens.
@FunctionalInterface
public interface Trigger {
    /// After each iteration.
    Trigger EACH_ITERATION = iterations(1);

    /// At the end of each epoch.
    Trigger EACH_EPOCH = epochs(1);

    /// {@return whether it happens now}
    boolean fires(StandardUpdater updater);

    /// {@return the trigger that fires each time so many iterations are over}
    static Trigger iterations(int period) {
        expectPositive(period);
        return updater -> updater.iteration() > 0 && updater.iteration() % period == 0;
    }

    /// {@return the trigger that fires each time so many epochs are over}
    static Trigger epochs(int period) {
        expectPositive(period);
        return updater ->
                Math.floor(Math.max(updater.previousEpochDetail(), 0) / period)
                        != Math.floor(updater.epochDetail() / period);
    }

    private static void expectPositive(int period) {
        if (period < 1) throw TrainingException.of("Trigger", "period", ">= 1", period);
    }
}
