package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;

/// A step of [LSTM].
public final class LSTMCell extends RecurrentCell<LSTMCell> {
    /// @param units the extent of the state
    public LSTMCell(int units) {
        super(Recurrent.Cell.LSTM, units);
    }

    /// Sets what the gates go through: `hard_sigmoid` at first.
    public LSTMCell recurrentActivation(String name) {
        chooseGate(name);
        return this;
    }

    /// Sets whether the bias of the forget gate starts at 1, as it does at first.
    public LSTMCell unitForgetBias(boolean whether) {
        chooseForgetBias(whether);
        return this;
    }

    @Override
    String automaticName() {
        return "lstm_cell";
    }
}
