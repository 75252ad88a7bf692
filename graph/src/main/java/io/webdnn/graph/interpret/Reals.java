package io.webdnn.graph.interpret;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;

/// Floating point arithmetic: computed in double, rounded to float32 after each operation unless
/// the dtype is float64.
///
/// For `+ − × ÷ √` that is what float32 hardware gives; for the transcendental functions it is
/// within half an ULP and a hair.
final class Reals {
    private Reals() {}

    static double round(DType dtype, double value) {
        return dtype == DType.FLOAT64 ? value : (float) value;
    }

    static Code.Real unary(Unary.Operator operator, DType dtype, Code.Real a) {
        Code.Real exact =
                switch (operator) {
                    case NEGATE -> f -> -a.at(f);
                    case ABS -> f -> Math.abs(a.at(f));
                    case SIGN -> f -> Math.signum(a.at(f));
                    case EXP -> f -> Math.exp(a.at(f));
                    case LOG -> f -> Math.log(a.at(f));
                    case LOG1P -> f -> Math.log1p(a.at(f));
                    case SQRT -> f -> Math.sqrt(a.at(f));
                    case FLOOR -> f -> Math.floor(a.at(f));
                    case CEIL -> f -> Math.ceil(a.at(f));
                    case ROUND -> f -> Math.rint(a.at(f));
                    case SIN -> f -> Math.sin(a.at(f));
                    case COS -> f -> Math.cos(a.at(f));
                    case TAN -> f -> Math.tan(a.at(f));
                    case ASIN -> f -> Math.asin(a.at(f));
                    case ACOS -> f -> Math.acos(a.at(f));
                    case ATAN -> f -> Math.atan(a.at(f));
                    case SINH -> f -> Math.sinh(a.at(f));
                    case COSH -> f -> Math.cosh(a.at(f));
                    case ASINH -> f -> asinh(a.at(f));
                    case ACOSH -> f -> acosh(a.at(f));
                    case ATANH -> f -> atanh(a.at(f));
                    case TANH -> f -> Math.tanh(a.at(f));
                    case ERF -> f -> erf(a.at(f));
                    case NOT, BIT_NOT, IS_NAN, IS_INFINITE -> throw undefined(operator, dtype);
                };
        return dtype == DType.FLOAT64 ? exact : f -> (float) exact.at(f);
    }

    static Code.Real binary(Binary.Operator operator, DType dtype, Code.Real a, Code.Real b) {
        if (dtype == DType.FLOAT64) {
            return switch (operator) {
                case ADD -> f -> a.at(f) + b.at(f);
                case SUBTRACT -> f -> a.at(f) - b.at(f);
                case MULTIPLY -> f -> a.at(f) * b.at(f);
                case DIVIDE -> f -> a.at(f) / b.at(f);
                default -> rare(operator, dtype, a, b);
            };
        }
        return switch (operator) {
            case ADD -> f -> (float) (a.at(f) + b.at(f));
            case SUBTRACT -> f -> (float) (a.at(f) - b.at(f));
            case MULTIPLY -> f -> (float) (a.at(f) * b.at(f));
            case DIVIDE -> f -> (float) (a.at(f) / b.at(f));
            case MIN, MAX -> rare(operator, dtype, a, b);
            default -> {
                var exact = rare(operator, dtype, a, b);
                yield f -> (float) exact.at(f);
            }
        };
    }

    private static Code.Real rare(Binary.Operator operator, DType dtype, Code.Real a, Code.Real b) {
        return switch (operator) {
            case MIN -> f -> Math.min(a.at(f), b.at(f));
            case MAX -> f -> Math.max(a.at(f), b.at(f));
            case REMAINDER -> f -> a.at(f) % b.at(f);
            case FLOOR_DIVIDE -> f -> Math.floor(a.at(f) / b.at(f));
            case FLOOR_MODULO -> f -> floorModulo(a.at(f), b.at(f));
            case POWER -> f -> power(a.at(f), b.at(f));
            case ADD,
                    SUBTRACT,
                    MULTIPLY,
                    DIVIDE,
                    AND,
                    OR,
                    XOR,
                    SHIFT_LEFT,
                    SHIFT_RIGHT,
                    MULTIPLY_HIGH,
                    EQUAL,
                    LESS,
                    LESS_OR_EQUAL ->
                    throw undefined(operator, dtype);
        };
    }

    static Code.Truth compare(Binary.Operator operator, Code.Real a, Code.Real b) {
        return switch (operator) {
            case EQUAL -> f -> a.at(f) == b.at(f);
            case LESS -> f -> a.at(f) < b.at(f);
            case LESS_OR_EQUAL -> f -> a.at(f) <= b.at(f);
            default -> throw new AssertionError(operator);
        };
    }

    /// Sums and products of floats are accumulated in double and rounded once, so that they are
    /// closer to the true value than any order of float32 additions.
    static Code.Real reduce(Reduce.Operator operator, DType dtype, Loop loop, Code.Real body) {
        return switch (operator) {
            case SUM ->
                    f -> {
                        double sum = 0;
                        if (loop.start(f)) {
                            do sum += body.at(f);
                            while (loop.next(f));
                        }
                        return round(dtype, sum);
                    };
            case PRODUCT ->
                    f -> {
                        double product = 1;
                        if (loop.start(f)) {
                            do product *= body.at(f);
                            while (loop.next(f));
                        }
                        return round(dtype, product);
                    };
            case MAX ->
                    f -> {
                        double most = Double.NEGATIVE_INFINITY;
                        if (loop.start(f)) {
                            do most = Math.max(most, body.at(f));
                            while (loop.next(f));
                        }
                        return most;
                    };
            case MIN ->
                    f -> {
                        double least = Double.POSITIVE_INFINITY;
                        if (loop.start(f)) {
                            do least = Math.min(least, body.at(f));
                            while (loop.next(f));
                        }
                        return least;
                    };
            case ANY, ALL -> throw undefined(operator, dtype);
        };
    }

    static IllegalArgumentException undefined(Object operator, DType dtype) {
        return new IllegalArgumentException(
                operator + ": expected a dtype for which it is defined, got " + dtype);
    }

    private static double floorModulo(double a, double b) {
        double rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }

    /// As C and IEEE 754 define it; Java alone says NaN for `1^NaN` and `(±1)^±∞`.
    private static double power(double base, double exponent) {
        if (base == 1 || base == -1 && Double.isInfinite(exponent)) return 1;
        return Math.pow(base, exponent);
    }

    private static double asinh(double x) {
        double a = Math.abs(x);
        double y =
                a > 1e150
                        ? Math.log(a) + Math.log(2)
                        : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
        return Math.copySign(y, x);
    }

    private static double acosh(double x) {
        if (x > 1e150) return Math.log(x) + Math.log(2);
        double t = x - 1;
        return Math.log1p(t + Math.sqrt(2 * t + t * t));
    }

    private static double atanh(double x) {
        return Math.copySign(0.5 * Math.log1p(2 * Math.abs(x) / (1 - Math.abs(x))), x);
    }

    /// `erf x = 2/√π · x · e^(−x²) · Σ (2x²)ⁿ / (1·3·5 … (2n+1))`: all terms have one sign, so
    /// nothing cancels.
    private static double erf(double x) {
        if (!(Math.abs(x) < 6)) return Double.isNaN(x) ? x : Math.signum(x);
        double square = x * x;
        double term = 1;
        double sum = 1;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * square / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * x * Math.exp(-square) * sum;
    }
}
