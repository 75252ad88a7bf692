package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.DType;
import java.util.List;

/// Choice, elementwise with broadcasting: `Z = condition ? X : Y`; what is not chosen never
/// matters. condition: bool; X, Y, Z: one dtype, any.
///
/// Source: ONNX Where-16.
public record Where() implements Elementwise {
    @Override
    public void expect(Operands in) {
        var expect = Expect.of(in).count(3, 3);
        expect.input(0, "condition").dtype(DType.BOOL);
        expect.input(2, "Y").dtype(expect.input(1, "X").type().dtype());
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0).select(x.get(1), x.get(2));
    }
}
