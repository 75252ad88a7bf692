package io.webdnn.compiler.emit.jvm;

/// The arithmetic that has no instruction and no method in the JDK: emitted code calls it. Its
/// rules are those of [io.webdnn.graph.expr.Expr].
final class JvmMath {
    private JvmMath() {}

    static int divide(int a, int b) {
        return b == 0 ? 0 : a / b;
    }

    static long divide(long a, long b) {
        return b == 0 ? 0 : a / b;
    }

    static int divideUnsigned(int a, int b) {
        return b == 0 ? 0 : Integer.divideUnsigned(a, b);
    }

    static int remainder(int a, int b) {
        return b == 0 ? 0 : a % b;
    }

    static long remainder(long a, long b) {
        return b == 0 ? 0 : a % b;
    }

    static int remainderUnsigned(int a, int b) {
        return b == 0 ? 0 : Integer.remainderUnsigned(a, b);
    }

    static long divideUnsigned(long a, long b) {
        return b == 0 ? 0 : Long.divideUnsigned(a, b);
    }

    static long remainderUnsigned(long a, long b) {
        return b == 0 ? 0 : Long.remainderUnsigned(a, b);
    }

    static long minUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }

    static long maxUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    static long signUnsigned(long value) {
        return value == 0 ? 0 : 1;
    }

    static long powerUnsigned(long base, long exponent) {
        long result = 1;
        long square = base;
        for (long rest = exponent; rest != 0; rest >>>= 1) {
            if ((rest & 1) != 0) result *= square;
            square *= square;
        }
        return result;
    }

    /// Truncates; NaN and what is negative give 0, what is too large the largest.
    static long toUnsignedLong(double value) {
        if (value < 0x1p63) return Math.max(0, (long) value);
        return value < 0x1p64
                ? (long) (value - 0x1p63) + Long.MIN_VALUE
                : Double.isNaN(value) ? 0 : -1;
    }

    /// Rounded once: the bit that is shifted out stays in the sum.
    static double fromUnsigned(long value) {
        return value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
    }

    static int floorDivide(int a, int b) {
        return b == 0 ? 0 : Math.floorDiv(a, b);
    }

    static long floorDivide(long a, long b) {
        return b == 0 ? 0 : Math.floorDiv(a, b);
    }

    static float floorDivide(float a, float b) {
        return (float) Math.floor((double) a / b);
    }

    static double floorDivide(double a, double b) {
        return Math.floor(a / b);
    }

    static int floorModulo(int a, int b) {
        return b == 0 ? 0 : Math.floorMod(a, b);
    }

    static long floorModulo(long a, long b) {
        return b == 0 ? 0 : Math.floorMod(a, b);
    }

    static double floorModulo(double a, double b) {
        double rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }

    static float floorModulo(float a, float b) {
        return (float) floorModulo((double) a, (double) b);
    }

    static int minUnsigned(int a, int b) {
        return Integer.compareUnsigned(a, b) <= 0 ? a : b;
    }

    static int maxUnsigned(int a, int b) {
        return Integer.compareUnsigned(a, b) >= 0 ? a : b;
    }

    /// By squaring; `x^−n` is the integer division `1 / xⁿ`.
    static long power(long base, long exponent) {
        if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent & 1) == 0 ? 1 : -1 : 0;
        long result = 1;
        for (long square = base; exponent != 0; exponent >>>= 1) {
            if ((exponent & 1) != 0) result *= square;
            square *= square;
        }
        return result;
    }

    static int power(int base, int exponent) {
        return (int) power((long) base, (long) exponent);
    }

    static int powerUnsigned(int base, int exponent) {
        return (int) power((long) base, Integer.toUnsignedLong(exponent));
    }

    /// As C and IEEE 754 define it; Java alone says NaN for `1^NaN` and `(±1)^±∞`.
    static double power(double base, double exponent) {
        if (base == 1 || base == -1 && Double.isInfinite(exponent)) return 1;
        return Math.pow(base, exponent);
    }

    static float power(float base, float exponent) {
        return (float) power((double) base, (double) exponent);
    }

    static int multiplyHigh(int a, int b) {
        return (int) (Integer.toUnsignedLong(a) * Integer.toUnsignedLong(b) >>> 32);
    }

    static int toUnsigned(double value) {
        return (int) Math.clamp((long) value, 0L, 0xffff_ffffL);
    }

    static double fromUnsigned(int value) {
        return Integer.toUnsignedLong(value);
    }

    static int signUnsigned(int value) {
        return value == 0 ? 0 : 1;
    }

    static double asinh(double x) {
        double a = Math.abs(x);
        double y =
                a > 1e150
                        ? Math.log(a) + Math.log(2)
                        : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
        return Math.copySign(y, x);
    }

    static double acosh(double x) {
        if (x > 1e150) return Math.log(x) + Math.log(2);
        double t = x - 1;
        return Math.log1p(t + Math.sqrt(2 * t + t * t));
    }

    static double atanh(double x) {
        return Math.copySign(0.5 * Math.log1p(2 * Math.abs(x) / (1 - Math.abs(x))), x);
    }

    /// `erf x = 2/√π · x · e^(−x²) · Σ (2x²)ⁿ / (1·3·5 … (2n+1))`: all terms have one sign, so
    /// nothing cancels.
    static double erf(double x) {
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
