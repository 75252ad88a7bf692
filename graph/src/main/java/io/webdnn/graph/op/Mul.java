package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Product, elementwise with broadcasting: `C = A · B`; integers wrap. A, B, C: one numeric dtype.
///
/// Source: ONNX Mul-14.
public record Mul() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).times(x.get(1));
    }
}
