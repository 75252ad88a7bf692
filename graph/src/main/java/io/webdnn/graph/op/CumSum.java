package io.webdnn.graph.op;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.type.TensorType;
import java.util.List;

/// Running sums along an axis: `y[i] = Σ_{j ≤ i} x[j]`.
///
/// With `exclusive`, over `j < i`; with `reverse`, over `j ≥ i` (`j > i`). x, y: any shape of rank
/// ≥ 1, numeric; axis: one int32 or int64 element that is known when compiling, negative from the
/// end.
///
/// An axis of fixed extent n takes ⌈log₂ n⌉ stages, each adding what the stage before has `2^s`
/// elements away; a symbolic one is a recurrence. Source: ONNX CumSum-14.
public record CumSum(boolean exclusive, boolean reverse) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        return RunningReduction.infer(in);
    }

    @Override
    public Lowering lower(Operands in) {
        return new RunningReduction(Binary.Operator.ADD, 0, exclusive, reverse).lower(in);
    }
}
