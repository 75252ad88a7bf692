package io.webdnn.graph.op;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.DType;
import java.util.List;

/// Exclusive disjunction, elementwise with broadcasting: `C = A ≠ B`. A, B, C: bool.
///
/// Source: ONNX Xor-7.
public record Xor() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().dtype(DType.BOOL);
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Binary.Operator.XOR, x.get(1));
    }
}
