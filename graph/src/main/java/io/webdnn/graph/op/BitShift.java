package io.webdnn.graph.op;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import java.util.List;

/// Shift of the bits, elementwise with broadcasting: `Z = X · 2^Y` without the bits that leave the
/// dtype, or `Z = ⌊X / 2^Y⌋` to the right.
///
/// X, Y, Z: one integer dtype. A distance of the dtype's width or more shifts everything out and
/// gives 0 (to the right the sign, where there is one). Source: ONNX BitShift-11.
///
/// @param right whether the bits move to the lower places
public record BitShift(boolean right) implements Elementwise {
    @Override
    public void expect(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var x = expect.input(0, "X").integer().type();
        expect.input(1, "Y").dtype(x.dtype());
    }

    @Override
    public Expr of(List<Expr> x) {
        var dtype = x.get(0).dtype();
        int last = dtype.bits() - 1;
        var shift = right ? Binary.Operator.SHIFT_RIGHT : Binary.Operator.SHIFT_LEFT;
        // The expression language takes the low bits of the distance only.
        var within = x.get(1).min(Literal.of(dtype, (long) last));
        var shifted = x.get(0).apply(shift, within);
        var isWithin = x.get(1).lessOrEqual(Literal.of(dtype, (long) last));
        var beyond = right ? shifted.apply(shift, Literal.of(dtype, 1L)) : Literal.of(dtype, 0L);
        return isWithin.select(shifted, beyond);
    }
}
