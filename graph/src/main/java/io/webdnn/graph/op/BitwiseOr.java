package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Disjunction of each bit, elementwise with broadcasting: `C = A ∨ B`. A, B, C: one integer dtype.
///
/// Source: ONNX BitwiseOr-18.
public record BitwiseOr() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().integer();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).or(x.get(1));
    }
}
