package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Opposite, elementwise: `Y = −X`; the lowest signed integer stays itself. X, Y: any shape, float
/// or signed integer.
///
/// Source: ONNX Neg-13.
public record Neg() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.NEGATE);
    }
}
