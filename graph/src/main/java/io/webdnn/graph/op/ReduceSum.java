package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// Sum over axes: `reduced = Σ data`; over nothing 0; integers wrap. data, reduced: one numeric
/// dtype.
///
/// Axes and shapes: [Reduction]. Source: ONNX ReduceSum-13.
public record ReduceSum(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /// A reduction that takes no axes to mean all of them.
    public ReduceSum(boolean keepdims) {
        this(keepdims, false);
    }

    @Override
    public void expect(Expect.Input data) {
        data.numeric();
    }

    @Override
    public Expr reduce(List<Index> indices, Expr element, Dimension count) {
        return Expr.sum(indices, element);
    }
}
