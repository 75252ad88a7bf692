package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// Mean over axes: `reduced = Σ data / count`; over nothing NaN; integers truncate towards zero.
/// data, reduced: one numeric dtype.
///
/// Axes and shapes: [Reduction]. Source: ONNX ReduceMean-18.
public record ReduceMean(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /// A reduction that takes no axes to mean all of them.
    public ReduceMean(boolean keepdims) {
        this(keepdims, false);
    }

    @Override
    public void expect(Expect.Input data) {
        data.numeric();
    }

    @Override
    public Expr reduce(List<Index> indices, Expr element, Dimension count) {
        var accumulated = Accumulation.of(element.dtype());
        var sum = Expr.sum(indices, element.cast(accumulated));
        return sum.dividedBy(Expr.of(count).cast(accumulated)).cast(element.dtype());
    }
}
