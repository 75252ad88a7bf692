package io.webdnn.graph.op;

import io.webdnn.graph.expr.Bits;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import java.util.List;

/// The same bits as another dtype of the same width, elementwise.
///
/// input, output: float32, float64, integers or bool, of one number of bits; a byte becomes the
/// bool that says whether it is not 0. It has no gradient. Source: ONNX BitCast-26.
public record BitCast(DType to) implements Elementwise {
    public BitCast {
        if (!isHeld(to))
            throw GraphException.of(
                    "BitCast", "to", "float32, float64, an integer dtype or bool", to);
    }

    private static boolean isHeld(DType dtype) {
        return dtype == DType.FLOAT32
                || dtype == DType.FLOAT64
                || dtype.isInteger()
                || dtype == DType.BOOL;
    }

    @Override
    public void expect(Operands in) {
        var input = Expect.of(in).count(1, 1).input(0, "input").numericOrBool();
        var from = input.type().dtype();
        if (!isHeld(from) || from.bits() != to.bits())
            throw GraphException.of(
                    name(), "input", "a dtype of " + to.bits() + " bits to become " + to, from);
    }

    @Override
    public Expr of(List<Expr> x) {
        var input = x.getFirst();
        if (input.dtype() == to) return input;
        var whole = input.dtype().isFloat() ? new Bits(whole(input.dtype()), input) : input;
        return to.isFloat() ? new Bits(to, whole.cast(whole(to))) : whole.cast(to);
    }

    private static DType whole(DType real) {
        return real == DType.FLOAT64 ? DType.INT64 : DType.INT32;
    }
}
