package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;

/// A step of [GRU].
public final class GRUCell extends RecurrentCell<GRUCell> {
    /// @param units the extent of the state
    public GRUCell(int units) {
        super(Recurrent.Cell.GRU, units);
    }

    /// Sets what the gates go through: `hard_sigmoid` at first.
    public GRUCell recurrentActivation(String name) {
        chooseGate(name);
        return this;
    }

    /// Sets whether the state is reset after it was multiplied; it is not at first.
    public GRUCell resetAfter(boolean whether) {
        chooseResetAfter(whether);
        return this;
    }

    @Override
    String automaticName() {
        return "gru_cell";
    }
}
