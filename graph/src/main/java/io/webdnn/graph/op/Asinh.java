package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Inverse hyperbolic sine, elementwise: `Y = arsinh X`. X, Y: any shape, float.
///
/// Source: ONNX Asinh-22.
public record Asinh() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.ASINH);
    }
}
