package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;

/// Long short-term memory.
///
/// Gates i, f, c, o: `c ← f·c + i·tanh(…)`, `h ← o·tanh(c)`. The bias of f starts at 1.
///
/// Source: Hochreiter, Schmidhuber 1997; Jozefowicz, Zaremba, Sutskever 2015.
public final class LSTM extends RecurrentLayer<LSTM> {
    /// @param units the extent of the state
    public LSTM(int units) {
        super(Recurrent.Cell.LSTM, units);
    }

    /// Sets what the gates go through: `hard_sigmoid` at first.
    public LSTM recurrentActivation(String name) {
        chooseGate(name);
        return this;
    }

    /// Sets whether the bias of the forget gate starts at 1, as it does at first.
    public LSTM unitForgetBias(boolean whether) {
        chooseForgetBias(whether);
        return this;
    }

    @Override
    String automaticName() {
        return "lstm";
    }
}
