package io.webdnn.graph.op;

import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.TensorType;
import java.util.List;

/// Logarithm of [Softmax], without its underflow.
///
/// `Y = X − max X − ln Σ e^(X − max X)`, maximum and sum along `axis`. input, output: any shape of
/// rank ≥ 1, float. A row of −∞ alone, or with a NaN or ∞, is NaN.
///
/// Source: ONNX LogSoftmax-13.
public record LogSoftmax(int axis) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "input").floating();
        x.axis(axis);
        return List.of(x.type());
    }

    @Override
    public Lowering lower(Operands in) {
        var rows = Rows.of(in, axis);
        return rows.output(o -> rows.shifted(o).minus(rows.sum(o).apply(Unary.Operator.LOG)));
    }
}
