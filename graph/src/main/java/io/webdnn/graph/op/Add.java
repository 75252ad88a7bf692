package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Sum, elementwise with broadcasting: `C = A + B`; integers wrap. A, B, C: one numeric dtype.
///
/// Source: ONNX Add-14.
public record Add() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).pair().numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).plus(x.get(1));
    }
}
