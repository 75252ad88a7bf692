package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Square root, elementwise: `Y = √X`; below 0 gives NaN, −0 stays. X, Y: any shape, float.
///
/// Source: ONNX Sqrt-13.
public record Sqrt() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.SQRT);
    }
}
