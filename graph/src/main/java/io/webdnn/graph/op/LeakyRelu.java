package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Leaky rectifier, elementwise: `Y = X` where `X ≥ 0`, else `α · X`. X, Y: any shape, float; NaN
/// stays NaN.
///
/// Source: ONNX LeakyRelu-16.
public record LeakyRelu(float alpha) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        var isNegative = x.get(0).less(Expr.of(dtype, 0));
        return isNegative.select(Expr.of(dtype, alpha).times(x.get(0)), x.get(0));
    }
}
