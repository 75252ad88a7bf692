package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Complement of each bit, elementwise: `Y = ¬X`. X, Y: any shape, integer.
///
/// Source: ONNX BitwiseNot-18.
public record BitwiseNot() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").integer();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Unary.Operator.BIT_NOT);
    }
}
