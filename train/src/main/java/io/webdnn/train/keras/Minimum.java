package io.webdnn.train.keras;

import io.webdnn.graph.op.Min;
import io.webdnn.train.F;
import io.webdnn.train.Variable;

/// The smallest of its inputs.
public final class Minimum extends ElementwiseMerge<Minimum> {
    /// A layer that takes inputs of one shape.
    public Minimum() {}

    @Override
    Variable merged(Variable x, Variable y) {
        return F.apply(new Min(), x, y);
    }
}
