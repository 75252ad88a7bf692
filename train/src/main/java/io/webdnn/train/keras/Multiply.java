package io.webdnn.train.keras;

import io.webdnn.train.Variable;

/// The product of its inputs.
public final class Multiply extends ElementwiseMerge<Multiply> {
    /// A layer that takes inputs of one shape.
    public Multiply() {}

    @Override
    Variable merged(Variable x, Variable y) {
        return x.times(y);
    }
}
