package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Difference, elementwise with broadcasting: `C = A − B`; integers wrap. A, B, C: one numeric
/// dtype.
///
/// Source: ONNX Sub-14.
public record Sub() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).minus(x.get(1));
    }
}
