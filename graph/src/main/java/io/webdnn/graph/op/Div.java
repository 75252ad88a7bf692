package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Quotient, elementwise with broadcasting: `C = A / B`; integers truncate towards zero, and give 0
/// for a divisor of 0. A, B, C: one numeric dtype.
///
/// Source: ONNX Div-14.
public record Div() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).dividedBy(x.get(1));
    }
}
