package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// The nearest whole number, halves to even, elementwise: 0.5 gives 0, 1.5 and 2.5 give 2. X, Y:
/// any shape, float.
///
/// Source: ONNX Round-22.
public record Round() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.ROUND);
    }
}
