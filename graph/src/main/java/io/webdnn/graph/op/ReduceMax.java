package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// Maximum over axes: NaN if one is NaN; over nothing −∞, the lowest integer or false. Of bool, it
/// is *any*. data, reduced: one dtype, numeric or bool.
///
/// Axes and shapes: [Reduction]. Source: ONNX ReduceMax-20.
public record ReduceMax(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /// A reduction that takes no axes to mean all of them.
    public ReduceMax(boolean keepdims) {
        this(keepdims, false);
    }

    @Override
    public void expect(Expect.Input data) {
        data.numericOrBool();
    }

    @Override
    public Expr reduce(List<Index> indices, Expr element, Dimension count) {
        boolean bool = element.dtype() == DType.BOOL;
        return new Reduce(bool ? Reduce.Operator.ANY : Reduce.Operator.MAX, indices, element);
    }
}
