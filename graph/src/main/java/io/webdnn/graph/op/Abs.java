package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Magnitude, elementwise: `Y = |X|`; the lowest signed integer stays itself. X, Y: any shape, one
/// numeric dtype.
///
/// Source: ONNX Abs-13.
public record Abs() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.ABS);
    }
}
