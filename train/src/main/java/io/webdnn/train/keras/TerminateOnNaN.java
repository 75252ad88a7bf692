package io.webdnn.train.keras;

import java.util.Map;

/// Ends training as soon as the loss is no number any more, or is infinite.
public final class TerminateOnNaN implements Callback {
    private Model model = new Sequential();

    /// Has no settings.
    public TerminateOnNaN() {}

    @Override
    public void onTrainBegin(Model begun) {
        model = begun;
    }

    @Override
    public void onBatchEnd(int batch, Map<String, Double> logs) {
        var loss = logs.get("loss");
        if (loss != null && !Double.isFinite(loss)) model.stopTraining();
    }
}
