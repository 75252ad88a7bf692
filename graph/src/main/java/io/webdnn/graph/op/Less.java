package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Comparison, elementwise with broadcasting: `C = A < B`, false if one is NaN. A, B: one numeric
/// dtype; C: bool.
///
/// Source: ONNX Less-13.
public record Less() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).less(x.get(1));
    }
}
