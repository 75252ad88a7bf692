package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Conjunction of each bit, elementwise with broadcasting: `C = A ∧ B`. A, B, C: one integer dtype.
///
/// Source: ONNX BitwiseAnd-18.
public record BitwiseAnd() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().integer();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).and(x.get(1));
    }
}
