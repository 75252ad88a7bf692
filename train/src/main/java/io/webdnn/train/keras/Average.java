package io.webdnn.train.keras;

import io.webdnn.train.Variable;

/// The mean of its inputs.
public final class Average extends ElementwiseMerge<Average> {
    /// A layer that takes inputs of one shape.
    public Average() {}

    @Override
    Variable merged(Variable x, Variable y) {
        return x.plus(y);
    }

    @Override
    Variable finish(Variable sum, int count) {
        return sum.dividedBy(count);
    }
}
