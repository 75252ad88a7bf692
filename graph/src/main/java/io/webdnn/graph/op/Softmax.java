package io.webdnn.graph.op;

import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.TensorType;
import java.util.List;

/// Exponentials along one axis, divided by their sum.
///
/// `Y = e^(X − max X) / Σ e^(X − max X)`, maximum and sum along `axis`: no X overflows. input,
/// output: any shape of rank ≥ 1, float. A row of −∞ alone, or with a NaN or ∞, is NaN.
///
/// Source: ONNX Softmax-13.
public record Softmax(int axis) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "input").floating();
        x.axis(axis);
        return List.of(x.type());
    }

    @Override
    public Lowering lower(Operands in) {
        var rows = Rows.of(in, axis);
        return rows.output(o -> {
            var numerator = rows.shifted(o).apply(Unary.Operator.EXP);
            return numerator.dividedBy(rows.sum(o));
        });
    }
}
