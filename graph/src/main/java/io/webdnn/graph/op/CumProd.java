package io.webdnn.graph.op;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.type.TensorType;
import java.util.List;

/// Running products along an axis: `y[i] = Π_{j ≤ i} x[j]`.
///
/// With `exclusive`, over `j < i`; with `reverse`, over `j ≥ i` (`j > i`); over nothing 1. x, y:
/// any shape of rank ≥ 1, numeric; axis: one int32 or int64 element that is known when compiling,
/// negative from the end.
///
/// Computed as [CumSum] is. Source: ONNX CumProd-26.
public record CumProd(boolean exclusive, boolean reverse) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        return RunningReduction.infer(in);
    }

    @Override
    public Lowering lower(Operands in) {
        return new RunningReduction(Binary.Operator.MULTIPLY, 1, exclusive, reverse).lower(in);
    }
}
