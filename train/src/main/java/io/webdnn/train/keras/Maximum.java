package io.webdnn.train.keras;

import io.webdnn.graph.op.Max;
import io.webdnn.train.F;
import io.webdnn.train.Variable;

/// The largest of its inputs.
public final class Maximum extends ElementwiseMerge<Maximum> {
    /// A layer that takes inputs of one shape.
    public Maximum() {}

    @Override
    Variable merged(Variable x, Variable y) {
        return F.apply(new Max(), x, y);
    }
}
