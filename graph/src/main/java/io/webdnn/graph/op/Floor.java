package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// The greatest whole number not above, elementwise: `Y = ⌊X⌋`; whole numbers, ±∞ and NaN stay. X,
/// Y: any shape, float.
///
/// Source: ONNX Floor-13.
public record Floor() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.FLOOR);
    }
}
