package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Sum, elementwise with broadcasting: `C = A + B`; integers wrap. A, B, C: one numeric dtype.
///
/// Source: ONNX Add-14.
public record Add() implements Elementwise {
    @Override
    public void expect(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        expect.input(1, "B").dtype(expect.input(0, "A").numeric().type().dtype());
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).plus(x.get(1));
    }
}
