package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// A logistic function in the place of the Φ of [Gelu], elementwise: `Y = X / (1 + e^(−α·X))`. X,
/// Y: any shape, float; −∞ gives NaN (∞ / ∞).
///
/// Source: ONNX Runtime, com.microsoft.QuickGelu-1, whose default is α = 1.702; Hendrycks, Gimpel
/// 2016.
public record QuickGelu(float alpha) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        var exponential = Expr.of(dtype, -alpha).times(x.get(0)).apply(Unary.Operator.EXP);
        return x.get(0).dividedBy(Expr.of(dtype, 1).plus(exponential));
    }
}
