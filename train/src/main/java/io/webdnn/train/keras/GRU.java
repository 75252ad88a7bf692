package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;

/// The gated recurrent unit, the state being reset before it is multiplied, as in Keras 2.0.
///
/// Gates z, r, h: `h ← z·h + (1 − z)·tanh(x·kernel_h + (r·h)·recurrent_kernel_h + bias_h)`.
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

    @Override
    String automaticName() {
        return "gru";
    }
}
