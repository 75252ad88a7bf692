package io.webdnn.train.keras;

import io.webdnn.train.Variable;

/// The sum of its inputs.
public final class Add extends ElementwiseMerge<Add> {
    /// A layer that takes inputs of one shape.
    public Add() {}

    @Override
    Variable merged(Variable x, Variable y) {
        return x.plus(y);
    }
}
