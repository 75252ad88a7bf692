package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// A sigmoid without exponentials, elementwise: `Y = X / (1 + |X|)`. X, Y: any shape, float; ±∞
/// gives NaN.
///
/// Source: ONNX Softsign-22.
public record Softsign() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var magnitude = x.get(0).apply(Unary.Operator.ABS);
        return x.get(0).dividedBy(magnitude.plus(Expr.of(x.get(0).dtype(), 1)));
    }
}
