package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;

/// The plain recurrent layer: `h ← tanh(x · kernel + h · recurrent_kernel + bias)`.
public final class SimpleRNN extends RecurrentLayer<SimpleRNN> {
    /// @param units the extent of the state
    public SimpleRNN(int units) {
        super(Recurrent.Cell.SIMPLE, units);
    }

    @Override
    String automaticName() {
        return "simple_rnn";
    }
}
