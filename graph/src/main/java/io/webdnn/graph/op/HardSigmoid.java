package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// A straight line in the place of [Sigmoid], elementwise: `Y = max(0, min(1, α·X + β))`. X, Y: any
/// shape, float; NaN stays NaN.
///
/// Source: ONNX HardSigmoid-22, whose defaults are α = 0.2, β = 0.5.
public record HardSigmoid(float alpha, float beta) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        var line = Expr.of(dtype, alpha).times(x.get(0)).plus(Expr.of(dtype, beta));
        return line.min(Expr.of(dtype, 1)).max(Expr.of(dtype, 0));
    }
}
