package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Hyperbolic tangent, stretched, elementwise: `Y = α · tanh(β·X)`. X, Y: any shape, float.
///
/// Source: ONNX ScaledTanh-1, an activation of RNN, LSTM and GRU.
public record ScaledTanh(float alpha, float beta) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        var tanh = Expr.of(dtype, beta).times(x.get(0)).apply(Unary.Operator.TANH);
        return Expr.of(dtype, alpha).times(tanh);
    }
}
