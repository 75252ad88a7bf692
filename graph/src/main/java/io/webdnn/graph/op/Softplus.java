package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Smooth rectifier, elementwise: `Y = ln(1 + eˣ)`, computed as `max(X, 0) + ln(1 + e^(−|X|))` so
/// that no X overflows. X, Y: any shape, float.
///
/// Source: ONNX Softplus-22.
public record Softplus() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var decay = x.get(0).apply(Unary.Operator.ABS).apply(Unary.Operator.NEGATE);
        var positive = x.get(0).max(Expr.of(x.get(0).dtype(), 0));
        return positive.plus(decay.apply(Unary.Operator.EXP).apply(Unary.Operator.LOG1P));
    }
}
