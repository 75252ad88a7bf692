package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;

/// The gated recurrent unit, the state being reset before it is multiplied, as in Keras 2.0; or
/// afterwards, as TensorFlow 2 has it.
///
/// Gates z, r, h: `h ← z·h + (1 − z)·tanh(x·kernel_h + (r·h)·recurrent_kernel_h + bias_h)`, or `h ←
/// z·h + (1 − z)·tanh(x·kernel_h + bias_h + r·(h·recurrent_kernel_h + bias'_h))`, where the bias is
/// `[2, 3 · units]`.
///
/// Source: Cho 2014.
public final class GRU extends RecurrentLayer<GRU> {
    /// @param units the extent of the state
    public GRU(int units) {
        super(Recurrent.Cell.GRU, units);
    }

    /// Sets what the gates go through: `hard_sigmoid` at first.
    public GRU recurrentActivation(String name) {
        chooseGate(name);
        return this;
    }

    /// Sets whether the state is reset after it was multiplied; it is not at first.
    public GRU resetAfter(boolean whether) {
        chooseResetAfter(whether);
        return this;
    }

    @Override
    String automaticName() {
        return "gru";
    }
}
