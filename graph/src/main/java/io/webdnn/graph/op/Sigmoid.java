package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Logistic function, elementwise: `Y = 1 / (1 + e⁻ˣ)`; −∞ gives 0, ∞ gives 1. X, Y: any shape,
/// float.
///
/// Source: ONNX Sigmoid-13.
public record Sigmoid() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var one = Expr.of(x.get(0).dtype(), 1);
        var exponential = x.get(0).apply(Unary.Operator.NEGATE).apply(Unary.Operator.EXP);
        return one.dividedBy(one.plus(exponential));
    }
}
