package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Text as numbers, elementwise: a [Cast] from string.
///
/// X: string; Y: numeric, the same shape. Decimal numbers with or without an exponent, `inf`, `nan`
/// (in any case, with a sign), white space around; what is not whole is truncated for integers.
/// Runs on the host, and throws there for anything else. Source: ONNX Cast-25.
public record StringsToNumbers(DType to) implements HostOperator {
    public StringsToNumbers {
        if (!to.isNumeric()) throw GraphException.of("Cast", "to", "a float or integer dtype", to);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(Expect.of(in).count(1, 1).input(0, "X").strings().type().with(to));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var y = Tensor.zeros(to, x.shape());
        for (int i = 0; i < x.size(); i++) {
            var text = x.strings()[i].strip().toLowerCase(Locale.ROOT);
            if (to.isFloat()) y.setDouble(i, real(text));
            else y.setLong(i, whole(text).longValue());
        }
        return List.of(y);
    }

    private static double real(String text) {
        return switch (text) {
            case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            case "nan", "+nan", "-nan" -> Double.NaN;
            default -> decimal(text).doubleValue();
        };
    }

    private static BigInteger whole(String text) {
        return decimal(text).toBigInteger();
    }

    private static BigDecimal decimal(String text) {
        try {
            var number = new BigDecimal(text);
            // of 10^999999999 nothing but the size could be kept
            if (Math.abs((long) number.precision() - number.scale()) <= 400) return number;
        } catch (NumberFormatException _) {
            // said below
        }
        throw GraphException.of("Cast", "input", "numbers as text", "'" + text + "'");
    }
}
