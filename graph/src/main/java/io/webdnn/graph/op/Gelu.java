package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Gaussian error linear unit, elementwise: `Y = X · Φ(X) = X/2 · (1 + erf(X/√2))`.
///
/// With `tanh`, the approximation `X/2 · (1 + tanh(√(2/π) · (X + 0.044715·X³)))`. X, Y: any shape,
/// float; −∞ gives NaN (0 · ∞).
///
/// Source: ONNX Gelu-20; Hendrycks, Gimpel 2016.
public record Gelu(boolean tanh) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> operands) {
        var x = operands.get(0);
        var dtype = x.dtype();
        var one = Expr.of(dtype, 1);
        var twice =
                tanh
                        ? one.plus(argument(x).apply(Unary.Operator.TANH))
                        : one.plus(
                                x.times(Expr.of(dtype, Math.sqrt(0.5))).apply(Unary.Operator.ERF));
        return Expr.of(dtype, 0.5).times(x).times(twice);
    }

    private static Expr argument(Expr x) {
        var cubic = Expr.of(x.dtype(), 0.044715).times(x).times(x).times(x);
        return Expr.of(x.dtype(), Math.sqrt(2 / Math.PI)).times(x.plus(cubic));
    }
}
