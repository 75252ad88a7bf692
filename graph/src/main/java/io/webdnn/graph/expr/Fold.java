package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;
import java.util.List;

/// A loop over indices, outermost first and strictly in order, over accumulators that are updated
/// together; then `result` in terms of them. Gives ties and duplicates a meaning (ArgMax, pooling
/// with indices).
public record Fold(List<Index> indices, List<Accumulator> accumulators, Expr result)
        implements Expr {
    public Fold {
        indices = List.copyOf(indices);
        accumulators = List.copyOf(accumulators);
    }

    @Override
    public DType dtype() {
        return result.dtype();
    }
}
