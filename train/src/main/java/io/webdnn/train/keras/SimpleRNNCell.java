package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;

/// A step of [SimpleRNN]: `h ← tanh(x · kernel + h · recurrent_kernel + bias)`.
public final class SimpleRNNCell extends RecurrentCell<SimpleRNNCell> {
    /// @param units the extent of the state
    public SimpleRNNCell(int units) {
        super(Recurrent.Cell.SIMPLE, units);
    }

    @Override
    String automaticName() {
        return "simple_rnn_cell";
    }
}
