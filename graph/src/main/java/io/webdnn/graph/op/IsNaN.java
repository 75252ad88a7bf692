package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Whether an element is not a number, elementwise: `Y = X is NaN`. X: any shape, float; Y: bool.
///
/// Source: ONNX IsNaN-20.
public record IsNaN() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.IS_NAN);
    }
}
