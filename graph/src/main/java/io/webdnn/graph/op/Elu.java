package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Exponential linear unit, elementwise: `Y = X` where `X ≥ 0`, else `α · (eˣ − 1)`. X, Y: any
/// shape, float; NaN stays NaN.
///
/// Source: ONNX Elu-22; Clevert, Unterthiner, Hochreiter 2016.
public record Elu(float alpha) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        var isNegative = x.get(0).less(Expr.of(dtype, 0));
        var below = x.get(0).apply(Unary.Operator.EXP).minus(Expr.of(dtype, 1));
        return isNegative.select(Expr.of(dtype, alpha).times(below), x.get(0));
    }
}
