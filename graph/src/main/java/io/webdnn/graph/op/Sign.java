package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Sign, elementwise: `Y = −1, 0, 1`; NaN stays NaN. X, Y: any shape, one numeric dtype.
///
/// Source: ONNX Sign-13.
public record Sign() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.SIGN);
    }
}
