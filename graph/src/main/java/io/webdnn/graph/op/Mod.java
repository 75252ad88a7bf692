package io.webdnn.graph.op;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import java.util.List;

/// Remainder, elementwise with broadcasting: `C = A − B · q`.
///
/// Without `fmod`, `q = ⌊A / B⌋` and C has the sign of the divisor B; with it, q is `A / B`
/// truncated and C has the sign of the dividend A. Integers give 0 for a divisor of 0, floats NaN.
/// A, B, C: one numeric dtype; floats need `fmod`.
///
/// Source: ONNX Mod-13.
public record Mod(boolean fmod) implements Elementwise {
    @Override
    public void expect(Operands in) {
        var a = Expect.of(in).pair().numeric();
        if (!fmod) a.integer();
    }

    @Override
    public Expr of(List<Expr> x) {
        return x.get(0)
                .apply(fmod ? Binary.Operator.REMAINDER : Binary.Operator.FLOOR_MODULO, x.get(1));
    }
}
