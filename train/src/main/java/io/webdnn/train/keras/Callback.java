package io.webdnn.train.keras;

import java.util.Map;
import java.util.function.ObjIntConsumer;

/// What is told how training goes, and may end it ([Model#stopTraining]).
///
/// Figures are under Keras's names: `loss`, the metrics, and `val_loss` and the like at the end of
/// an epoch with validation data.
public interface Callback {
    /// {@return a callback that is told the figures of each epoch}
    static Callback atEpochEnd(ObjIntConsumer<Map<String, Double>> told) {
        return new Callback() {
            @Override
            public void onEpochEnd(int epoch, Map<String, Double> logs) {
                told.accept(logs, epoch);
            }
        };
    }

    /// {@return with which epoch to begin, before [#onTrainBegin]}
    ///
    /// @param epoch the one that `fit` was told, counted from 0
    default int firstEpoch(Model model, int epoch) {
        return epoch;
    }

    /// Before the first epoch.
    default void onTrainBegin(Model model) {}

    /// Before an epoch.
    ///
    /// @param epoch counted from 0
    default void onEpochBegin(int epoch) {}

    /// After an update.
    ///
    /// @param batch counted from 0
    /// @param logs the means over the epoch so far
    default void onBatchEnd(int batch, Map<String, Double> logs) {}

    /// After an epoch and its validation.
    ///
    /// @param epoch counted from 0
    default void onEpochEnd(int epoch, Map<String, Double> logs) {}

    /// When training is over.
    default void onTrainEnd() {}
}
