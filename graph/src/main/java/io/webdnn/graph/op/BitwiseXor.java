package io.webdnn.graph.op;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Difference of each bit, elementwise with broadcasting: `C = A ⊻ B`. A, B, C: one integer dtype.
///
/// Source: ONNX BitwiseXor-18.
public record BitwiseXor() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().integer();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).apply(Binary.Operator.XOR, x.get(1));
    }
}
