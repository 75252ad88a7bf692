package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.DType;
import java.util.List;

/// Conjunction, elementwise with broadcasting: `C = A ∧ B`. A, B, C: bool.
///
/// Source: ONNX And-7.
public record And() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().dtype(DType.BOOL);
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).and(x.get(1));
    }
}
