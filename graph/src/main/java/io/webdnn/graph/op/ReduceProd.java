package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// Product over axes: `reduced = Π data`; over nothing 1; integers wrap. data, reduced: one numeric
/// dtype.
///
/// Axes and shapes: [Reduction]. Source: ONNX ReduceProd-18.
public record ReduceProd(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /// A reduction that takes no axes to mean all of them.
    public ReduceProd(boolean keepdims) {
        this(keepdims, false);
    }

    @Override
    public void expect(Expect.Input data) {
        data.numeric();
    }

    @Override
    public Expr reduce(List<Index> indices, Expr element, Dimension count) {
        return new Reduce(Reduce.Operator.PRODUCT, indices, element);
    }
}
