package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// The smallest of one or more operands, elementwise with broadcasting; NaN if one is NaN. All: one
/// numeric dtype.
///
/// Source: ONNX Min-13.
public record Min() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).alike().numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.stream().reduce(Expr::min).orElseThrow();
    }
}
