package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Error function, elementwise: `Y = 2/√π · ∫₀ˣ e^(−t²) dt`; ±∞ gives ±1. X, Y: any shape, float.
///
/// Source: ONNX Erf-13.
public record Erf() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.ERF);
    }
}
