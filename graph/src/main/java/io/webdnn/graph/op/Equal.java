package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Comparison, elementwise with broadcasting: `C = (A = B)`, false if one is NaN; −0 equals 0. A,
/// B: one dtype, numeric or bool; C: bool.
///
/// Source: ONNX Equal-19.
public record Equal() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().numericOrBool();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).isEqualTo(x.get(1));
    }
}
