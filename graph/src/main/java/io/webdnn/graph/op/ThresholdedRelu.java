package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import java.util.List;

/// What exceeds a threshold, elementwise: `Y = X` where `X > α`, else 0. X, Y: any shape, float;
/// NaN gives 0.
///
/// Source: ONNX ThresholdedRelu-22, whose default is α = 1.
public record ThresholdedRelu(float alpha) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        var isAbove = Expr.of(dtype, alpha).less(x.get(0));
        return isAbove.select(x.get(0), Expr.of(dtype, 0));
    }
}
