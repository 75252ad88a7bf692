package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Natural logarithm, elementwise: `Y = ln X`; 0 gives −∞, below 0 NaN. X, Y: any shape, float.
///
/// Source: ONNX Log-13.
public record Log() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.LOG);
    }
}
