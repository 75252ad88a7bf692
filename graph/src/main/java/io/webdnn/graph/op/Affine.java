package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// A straight line, elementwise: `Y = α·X + β`. X, Y: any shape, float.
///
/// Source: ONNX Affine-1, an activation of RNN, LSTM and GRU, whose defaults are α = 1, β = 0.
public record Affine(float alpha, float beta) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        return Expr.of(dtype, alpha).times(x.get(0)).plus(Expr.of(dtype, beta));
    }
}
