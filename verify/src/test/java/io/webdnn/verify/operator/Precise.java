package io.webdnn.verify.operator;

import io.webdnn.graph.expr.Unary;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// Elementary functions to 60 digits, from their series.
final class Precise {
    private static final MathContext DIGITS = new MathContext(60);
    private static final BigDecimal TWO = BigDecimal.TWO;
    private static final BigDecimal ONE = BigDecimal.ONE;
    private static final BigDecimal TINY = new BigDecimal("1e-70");

    /// Machin: `π = 16 arctan 1/5 − 4 arctan 1/239`.
    private static final BigDecimal PI =
            series(ratio(1, 5))
                    .multiply(BigDecimal.valueOf(16))
                    .subtract(series(ratio(1, 239)).multiply(BigDecimal.valueOf(4)));

    private Precise() {}

    /// {@return the function of a number that it is defined for}
    static BigDecimal of(Unary.Operator operator, double number) {
        var x = new BigDecimal(number);
        return switch (operator) {
            case EXP -> exp(x);
            case LOG -> log(x);
            case LOG1P -> log(ONE.add(x));
            case SIN -> sin(x);
            case COS -> sin(x.add(PI.divide(TWO, DIGITS)));
            case TAN -> sin(x).divide(sin(x.add(PI.divide(TWO, DIGITS))), DIGITS);
            case ATAN -> atan(x);
            case ASIN -> asin(x);
            case ACOS -> PI.divide(TWO, DIGITS).subtract(asin(x));
            case SINH -> exp(x).subtract(exp(x.negate())).divide(TWO, DIGITS);
            case COSH -> exp(x).add(exp(x.negate())).divide(TWO, DIGITS);
            case TANH -> {
                var square = exp(x.multiply(TWO));
                yield square.subtract(ONE).divide(square.add(ONE), DIGITS);
            }
            case ASINH -> {
                var a = x.abs();
                var y = log(a.add(a.multiply(a).add(ONE).sqrt(DIGITS)));
                yield x.signum() < 0 ? y.negate() : y;
            }
            case ACOSH -> log(x.add(x.multiply(x).subtract(ONE).sqrt(DIGITS)));
            case ATANH -> log(ONE.add(x).divide(ONE.subtract(x), DIGITS)).divide(TWO, DIGITS);
            case ERF -> erf(x);
            default -> throw new IllegalArgumentException(operator.toString());
        };
    }

    /// {@return `xʸ` for positive x}
    static BigDecimal power(double x, double y) {
        return exp(new BigDecimal(y).multiply(log(new BigDecimal(x)), DIGITS));
    }

    private static BigDecimal ratio(long a, long b) {
        return BigDecimal.valueOf(a).divide(BigDecimal.valueOf(b), DIGITS);
    }

    private static BigDecimal times(BigDecimal a, BigDecimal b) {
        return a.multiply(b, DIGITS);
    }

    /// Taylor around 0 for an argument halved until it is small, then squared as often.
    private static BigDecimal exp(BigDecimal x) {
        int halvings = 0;
        var r = x;
        for (; r.abs().compareTo(ratio(1, 100)) > 0; halvings++)
            r = r.divide(TWO, new MathContext(90));
        var wide = new MathContext(90);
        var sum = ONE;
        var term = ONE;
        for (int k = 1; term.abs().compareTo(new BigDecimal("1e-95")) > 0; k++) {
            term = term.multiply(r, wide).divide(BigDecimal.valueOf(k), wide);
            sum = sum.add(term, wide);
        }
        for (; halvings > 0; halvings--) sum = sum.multiply(sum, wide);
        return sum;
    }

    /// Newton's iteration on `eʸ = x`, whose error is squared by each step; 1 is added and taken
    /// away again where the logarithm itself is tiny.
    private static BigDecimal log(BigDecimal x) {
        var near = x.subtract(ONE);
        if (near.abs().compareTo(new BigDecimal("1e-4")) < 0) {
            var s = near.divide(TWO.add(near), DIGITS);
            var square = times(s, s);
            var sum = BigDecimal.ZERO;
            var power = s;
            for (int k = 1; k < 40; k += 2) {
                sum = sum.add(power.divide(BigDecimal.valueOf(k), DIGITS));
                power = times(power, square);
            }
            return times(sum, TWO);
        }
        int scale = x.precision() - x.scale();
        var m = x.scaleByPowerOfTen(-scale);
        var y = BigDecimal.valueOf(Math.log(m.doubleValue()));
        for (int i = 0; i < 3; i++) y = y.add(m.divide(exp(y), DIGITS).subtract(ONE));
        return scale == 0
                ? y
                : y.subtract(log(BigDecimal.valueOf(0.1)).multiply(BigDecimal.valueOf(scale)));
    }

    private static BigDecimal sin(BigDecimal x) {
        var n = x.divide(PI, 0, RoundingMode.HALF_EVEN);
        var r = x.subtract(n.multiply(PI));
        var square = times(r, r).negate();
        var sum = r;
        var term = r;
        for (int k = 2; term.abs().compareTo(TINY) > 0; k += 2) {
            term = times(term, square).divide(BigDecimal.valueOf((long) k * (k + 1)), DIGITS);
            sum = sum.add(term);
        }
        return n.toBigInteger().testBit(0) ? sum.negate() : sum;
    }

    /// The series of the arctangent, for small arguments.
    private static BigDecimal series(BigDecimal x) {
        var square = times(x, x).negate();
        var sum = BigDecimal.ZERO;
        var power = x;
        for (int k = 1; power.abs().compareTo(TINY) > 0; k += 2) {
            sum = sum.add(power.divide(BigDecimal.valueOf(k), DIGITS));
            power = times(power, square);
        }
        return sum;
    }

    /// `arctan x = 2 arctan(x / (1 + √(1 + x²)))` until it is small.
    private static BigDecimal atan(BigDecimal x) {
        if (x.abs().compareTo(ratio(1, 4)) <= 0) return series(x);
        var root = ONE.add(times(x, x)).sqrt(DIGITS);
        return atan(x.divide(ONE.add(root), DIGITS)).multiply(TWO);
    }

    private static BigDecimal asin(BigDecimal x) {
        var cosine = ONE.subtract(x.multiply(x)).sqrt(new MathContext(70));
        return atan(x.divide(ONE.add(cosine), DIGITS)).multiply(TWO);
    }

    /// `2/√π Σ (−1)ᵏ x²ᵏ⁺¹ / (k! (2k + 1))`, with enough digits for what cancels.
    private static BigDecimal erf(BigDecimal x) {
        var square = times(x, x).negate();
        var sum = BigDecimal.ZERO;
        var term = x;
        for (int k = 0; k < 250; k++) {
            sum = sum.add(term.divide(BigDecimal.valueOf(2L * k + 1), DIGITS));
            term = times(term, square).divide(BigDecimal.valueOf(k + 1), DIGITS);
        }
        return sum.multiply(TWO).divide(PI.sqrt(DIGITS), DIGITS);
    }
}
