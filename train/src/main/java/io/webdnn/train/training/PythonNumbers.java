package io.webdnn.train.training;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// Numbers as Python prints them, so that files and reports look as Chainer's do.
final class PythonNumbers {
    private PythonNumbers() {}

    /// {@return the shortest text that stands for the number: `0.25`, `1e-05`, `NaN` as JSON has
    /// it}
    static String repr(double value) {
        if (Double.isNaN(value)) return "NaN";
        if (Double.isInfinite(value)) return value > 0 ? "Infinity" : "-Infinity";
        if (value == 0) return 1 / value < 0 ? "-0.0" : "0.0";
        var digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        if (exponent < -4 || exponent >= 16) return scientific(digits, exponent);
        var plain = digits.toPlainString();
        return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }

    /// {@return the number with at most so many digits, as `%g` gives it: `0.219703`, `63.7421`,
    /// `1.5e-07`}
    static String general(double value, int digits) {
        if (Double.isNaN(value)) return "nan";
        if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
        if (value == 0) return "0";
        var rounded =
                new BigDecimal(value)
                        .round(new MathContext(digits, RoundingMode.HALF_EVEN))
                        .stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        return exponent < -4 || exponent >= digits
                ? scientific(rounded, exponent)
                : rounded.toPlainString();
    }

    private static String scientific(BigDecimal digits, int exponent) {
        var mantissa = digits.scaleByPowerOfTen(-exponent).toPlainString();
        return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
}
