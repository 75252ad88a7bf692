package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;
import java.util.List;

/// Negation, elementwise: `Y = ¬X`. X, Y: any shape, bool.
///
/// Source: ONNX Not-1.
public record Not() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").dtype(DType.BOOL);
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.NOT);
    }
}
