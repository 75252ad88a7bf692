package io.webdnn.graph.expr;

/// A variable of a [Fold]: starts at `initial`; each step all accumulators take their `update` at
/// once, computed from the values before the step.
public record Accumulator(Local local, Expr initial, Expr update) {
    public Accumulator {
        if (local.dtype() != initial.dtype() || local.dtype() != update.dtype()) {
            throw new IllegalArgumentException(
                    "Accumulator: expected "
                            + local.dtype()
                            + ", got "
                            + initial.dtype()
                            + " and "
                            + update.dtype());
        }
    }
}
