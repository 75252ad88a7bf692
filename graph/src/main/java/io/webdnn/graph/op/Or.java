package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.DType;
import java.util.List;

/// Disjunction, elementwise with broadcasting: `C = A ∨ B`. A, B, C: bool.
///
/// Source: ONNX Or-7.
public record Or() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().dtype(DType.BOOL);
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).or(x.get(1));
    }
}
