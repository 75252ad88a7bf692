package io.webdnn.graph.op;

import static io.webdnn.graph.expr.Binary.Operator.POWER;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Power, elementwise with broadcasting: `Z = Xʸ`.
///
/// X: numeric, the base; Y: numeric, the exponent, any dtype; Z: as X. A negative float base is
/// defined for whole exponents, else NaN; `x⁰ = 1` for every x. An integer base is multiplied
/// exactly (it wraps) where the exponent is whole; other powers are computed as floats and
/// truncated.
///
/// Source: ONNX Pow-15.
public record Pow() implements Elementwise {
    @Override
    public void expect(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        expect.input(0, "X").numeric();
        expect.input(1, "Y").numeric();
    }

    @Override
    public Expr of(List<Expr> x) {
        var base = x.get(0);
        var exponent = x.get(1);
        var power = base.apply(POWER, exponent.cast(base.dtype()));
        if (base.dtype().isFloat() || !exponent.dtype().isFloat()) return power;
        var isWhole = exponent.apply(Unary.Operator.FLOOR).isEqualTo(exponent);
        var approximate = base.cast(exponent.dtype()).apply(POWER, exponent);
        return isWhole.select(power, approximate.cast(base.dtype()));
    }
}
