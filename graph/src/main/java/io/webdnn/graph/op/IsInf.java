package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Whether an element is an infinity of a sign that counts, elementwise: `Y = X is −∞` (if
/// `detectNegative`) `or X is +∞` (if `detectPositive`). X: any shape, float; Y: bool.
///
/// Source: ONNX IsInf-20.
public record IsInf(boolean detectNegative, boolean detectPositive) implements Elementwise {
    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
    }

    @Override
    public Expr of(List<Expr> x) {
        if (!detectNegative && !detectPositive) return Literal.of(false);
        var infinite = x.get(0).apply(Unary.Operator.IS_INFINITE);
        if (detectNegative && detectPositive) return infinite;
        var zero = Expr.of(x.get(0).dtype(), 0);
        return infinite.and(detectPositive ? zero.less(x.get(0)) : x.get(0).less(zero));
    }
}
