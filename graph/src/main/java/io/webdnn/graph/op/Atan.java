package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Arc tangent, elementwise: `Y = arctan X`, from −π/2 to π/2. X, Y: any shape, float.
///
/// Source: ONNX Atan-22.
public record Atan() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.ATAN);
    }
}
