package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Numbers as text, elementwise: a [Cast] to string.
///
/// X: numeric or bool; Y: string, the same shape. Integers in decimal; floats with the fewest
/// digits that tell them apart from their neighbours, in scientific notation below 10⁻⁴ and from
/// 10¹⁶ on (`0.5`, `1e-05`, `inf`, `nan`); bools as `True` and `False`. Runs on the host.
///
/// Source: ONNX Cast-25, with the notation of Python's `str`, which its reference uses.
public record NumbersToStrings() implements HostOperator {
    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").numericOrBool().type();
        return List.of(x.with(DType.STRING));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var y = Tensor.zeros(DType.STRING, x.shape());
        for (int i = 0; i < x.size(); i++) y.strings()[i] = text(x, i);
        return List.of(y);
    }

    private static String text(Tensor x, int i) {
        return switch (x.dtype().kind()) {
            case BOOL -> x.getLong(i) == 0 ? "False" : "True";
            case UNSIGNED -> Long.toUnsignedString(x.getLong(i));
            case SIGNED, COMPLEX, STRING -> Long.toString(x.getLong(i));
            case FLOAT -> real(x, i);
        };
    }

    private static String real(Tensor x, int i) {
        double value = x.getDouble(i);
        if (Double.isNaN(value)) return "nan";
        if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
        var digits = x.dtype() == DType.FLOAT64 ? value + "" : (float) value + "";
        double size = Math.abs(value);
        if (size == 0 || size >= 1e-4 && size < 1e16) {
            var plain = new BigDecimal(digits).toPlainString();
            var signed = size == 0 && 1 / value < 0 ? "-0" : plain;
            return signed.contains(".") ? signed : signed + ".0";
        }
        var shortest = new BigDecimal(digits).stripTrailingZeros();
        var unscaled = shortest.unscaledValue().abs().toString();
        int exponent = unscaled.length() - 1 - shortest.scale();
        var mantissa = unscaled.charAt(0) + (unscaled.length() == 1 ? "" : ".");
        return (value < 0 ? "-" : "")
                + mantissa
                + unscaled.substring(1)
                + (exponent < 0 ? "e-" : "e+")
                + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }
}
