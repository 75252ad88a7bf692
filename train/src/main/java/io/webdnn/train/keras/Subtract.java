package io.webdnn.train.keras;

import io.webdnn.train.Variable;

/// The first of two inputs less the second.
public final class Subtract extends ElementwiseMerge<Subtract> {
    /// A layer that takes inputs of one shape.
    public Subtract() {}

    @Override
    Variable merged(Variable x, Variable y) {
        return x.minus(y);
    }

    @Override
    int largestCount() {
        return 2;
    }
}
