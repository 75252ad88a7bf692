package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// Minimum over axes: NaN if one is NaN; over nothing ∞, the highest integer or true. Of bool, it
/// is *all*. data, reduced: one dtype, numeric or bool.
///
/// Axes and shapes: [Reduction]. Source: ONNX ReduceMin-20.
public record ReduceMin(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /// A reduction that takes no axes to mean all of them.
    public ReduceMin(boolean keepdims) {
        this(keepdims, false);
    }

    @Override
    public void expect(Expect.Input data) {
        data.numericOrBool();
    }

    @Override
    public Expr reduce(List<Index> indices, Expr element, Dimension count) {
        boolean bool = element.dtype() == DType.BOOL;
        return new Reduce(bool ? Reduce.Operator.ALL : Reduce.Operator.MIN, indices, element);
    }
}
