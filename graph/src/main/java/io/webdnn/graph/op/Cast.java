package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.DType;
import java.util.List;

/// Conversion to another dtype, elementwise.
///
/// Float to integer truncates towards zero and saturates (NaN gives 0); integer to narrower integer
/// wraps; anything but 0 is true, NaN and 0.5 too; to a narrower float rounds half to even. input:
/// any shape, numeric or bool; output: the same shape.
///
/// Source: ONNX Cast-25.
///
/// @param saturate whether values beyond a float8 type become its largest instead of ±∞ or NaN; no
///   other dtype asks
public record Cast(DType to, boolean saturate) implements Elementwise {
    /// A conversion that saturates.
    public Cast(DType to) {
        this(to, true);
    }

    @Override
    public void expect(Operands in) {
        Expect.of(in).count(1, 1).input(0, "input").numericOrBool();
    }

    @Override
    public Expr of(List<Expr> x) {
        if (saturate || x.get(0).dtype() == to) return x.get(0).cast(to);
        return new io.webdnn.graph.expr.Cast(to, x.get(0), false);
    }
}
