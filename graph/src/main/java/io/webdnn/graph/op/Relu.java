package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Rectifier, elementwise: `Y = max(X, 0)`; NaN stays NaN, the derivative at 0 is 0. X, Y: any
/// shape, float or signed integer.
///
/// Source: ONNX Relu-14.
public record Relu() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).max(Expr.of(x.get(0).dtype(), 0));
    }
}
