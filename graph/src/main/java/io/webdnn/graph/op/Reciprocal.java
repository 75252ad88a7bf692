package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Reciprocal, elementwise: `Y = 1 / X`; ±0 gives ±∞. X, Y: any shape, float.
///
/// Source: ONNX Reciprocal-13.
public record Reciprocal() implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        return Expr.of(x.get(0).dtype(), 1).dividedBy(x.get(0));
    }
}
