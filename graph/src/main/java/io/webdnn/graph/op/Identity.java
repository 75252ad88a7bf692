package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// The operand itself. X, Y: any shape, any dtype.
///
/// Source: ONNX Identity-24.
public record Identity() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X");
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0);
    }
}
