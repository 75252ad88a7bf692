package io.webdnn.verify.shader;

import static io.webdnn.compiler.loop.ScalarType.*;

import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/// Every operator of the loop IR with the operands where implementations go wrong, and what it must
/// give, in double arithmetic.
final class OperatorSuite {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final double[] SPECIAL = {0, -0.0, 1, -1, INF, -INF, NAN};
    private static final double[] ORDINARY = {
        1e-6, -1e-4, 0.1, -0.25, 0.3, 0.499, -0.5, 0.51, 0.62, 0.63, -0.75, 0.99, 1.01, -1.3, 1.5,
        2, -2.5, 3.5, 5, -7.3, 9.9, -10.1, 17, 30.5, -44, 80, -87
    };
    private static final double[] FLOATS =
            DoubleStream.concat(DoubleStream.of(SPECIAL), DoubleStream.of(ORDINARY)).toArray();
    private static final double[] INTS = {
        0,
        1,
        -1,
        2,
        -2,
        3,
        7,
        -7,
        8,
        -8,
        31,
        1000,
        -12345,
        65536,
        0x7fffffff,
        -0x7fffffff,
        Integer.MIN_VALUE
    };
    private static final double[] UINTS = {
        0, 1, 2, 3, 7, 8, 31, 1000, 65535, 65536, 0x7fffffff, 0x80000000L, 0xffffffffL
    };
    private static final double[] BOOLS = {0, 1};

    private final OperatorCases to = new OperatorCases();

    static List<ShaderCase> cases() {
        var suite = new OperatorSuite();
        suite.unaryFloats();
        suite.unaryIntegers();
        suite.binaryFloats();
        suite.binaryIntegers();
        suite.others();
        return suite.to.cases();
    }

    private void f(
            Unary.Operator operator, DoubleUnaryOperator oracle, double ulps, double absolute) {
        f(operator, FLOATS, oracle, ulps, absolute);
    }

    private void f(
            Unary.Operator operator,
            double[] values,
            DoubleUnaryOperator oracle,
            double ulps,
            double absolute) {
        to.unary(
                operator.toString(),
                FLOAT32,
                FLOAT32,
                values,
                x -> new Term.Apply(operator, x),
                oracle,
                ulps,
                absolute);
    }

    private static double[] with(double[] values, double... more) {
        return DoubleStream.concat(DoubleStream.of(values), DoubleStream.of(more)).toArray();
    }

    private void unaryFloats() {
        f(Unary.Operator.NEGATE, x -> -x, 0, 0);
        f(Unary.Operator.ABS, x -> x < 0 ? -x : x, 0, 0);
        f(Unary.Operator.SIGN, x -> x > 0 ? 1 : x < 0 ? -1 : x, 0, 0);
        f(Unary.Operator.EXP, with(FLOATS, 88.5, 89, -100, 200), Math::exp, 100, 0);
        f(Unary.Operator.LOG, with(FLOATS, 1e30, 1e-30, 0.69, 1.41), Math::log, 4, 0);
        f(Unary.Operator.LOG1P, with(FLOATS, 1e-8, -0.9999, 1e30, -0.41), Math::log1p, 6, 0);
        f(Unary.Operator.SQRT, with(FLOATS, 1e30, 1e-30), Math::sqrt, 4, 0);
        double[] halves = with(FLOATS, 2.5, -3.5, -0.5, 8388607.5, 16777216, 1e20);
        f(Unary.Operator.FLOOR, halves, Math::floor, 0, 0);
        f(Unary.Operator.CEIL, halves, Math::ceil, 0, 0);
        f(Unary.Operator.ROUND, halves, Math::rint, 0, 0);
        double[] angles = with(FLOATS, 3.14159274, 1.57079637, -4.712389, 100, -1000, 12345);
        f(Unary.Operator.SIN, angles, Math::sin, 4, 3e-7);
        f(Unary.Operator.COS, angles, Math::cos, 4, 3e-7);
        f(
                Unary.Operator.TAN,
                DoubleStream.of(FLOATS).filter(x -> Math.abs(x) < 40 || Double.isNaN(x)).toArray(),
                Math::tan,
                40,
                3e-7);
        f(Unary.Operator.ASIN, with(FLOATS, 0.9999, -0.9999), Math::asin, 6, 0);
        f(Unary.Operator.ACOS, with(FLOATS, 0.9999, -0.9999), Math::acos, 6, 2e-7);
        f(Unary.Operator.ATAN, with(FLOATS, 1e20, -1e20, 0.41, 0.42, 2.4), Math::atan, 6, 0);
        f(Unary.Operator.SINH, with(FLOATS, 88, 89.2, 90, -91), Math::sinh, 150, 0);
        f(Unary.Operator.COSH, with(FLOATS, 88, 89.2, 90, -91), Math::cosh, 150, 0);
        f(Unary.Operator.TANH, with(FLOATS, 1000, -1000), Math::tanh, 8, 0);
        f(
                Unary.Operator.ASINH,
                with(FLOATS, 1e8, 1e20, -1e38),
                x -> {
                    if (x == 0 || Double.isInfinite(x)) return x;
                    double a = Math.abs(x);
                    return Math.signum(x) * Math.log1p(a + a * a / (1 + Math.hypot(a, 1)));
                },
                10,
                0);
        f(
                Unary.Operator.ACOSH,
                with(FLOATS, 1e8, 1e20, 1e38, 1.0001),
                x -> x < 1 ? NAN : Math.log1p((x - 1) + Math.sqrt((x - 1) * (x + 1))),
                10,
                0);
        f(
                Unary.Operator.ATANH,
                with(FLOATS, 0.9999),
                x -> 0.5 * (Math.log1p(x) - Math.log1p(-x)),
                10,
                0);
        f(Unary.Operator.ERF, with(FLOATS, 3.9, 4.1, -100), OperatorSuite::erf, 6, 0);
        to.unary(
                "IS_NAN",
                FLOAT32,
                BOOL,
                FLOATS,
                x -> new Term.Apply(Unary.Operator.IS_NAN, x),
                x -> Double.isNaN(x) ? 1 : 0,
                0,
                0);
        to.unary(
                "IS_INFINITE",
                FLOAT32,
                BOOL,
                with(FLOATS, Float.MAX_VALUE),
                x -> new Term.Apply(Unary.Operator.IS_INFINITE, x),
                x -> Math.abs(x) == INF ? 1 : 0,
                0,
                0);
    }

    /// Its Taylor series, or the continued fraction of its complement.
    private static double erf(double x) {
        if (Double.isNaN(x)) return NAN;
        double a = Math.abs(x);
        if (a > 6) return Math.signum(x);
        if (a < 2.5) {
            double term = a;
            double sum = a;
            for (int n = 1; n < 100; n++) {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            return Math.copySign(sum * 2 / Math.sqrt(Math.PI), x);
        }
        double fraction = a;
        for (int k = 60; k > 0; k--) fraction = a + k / 2.0 / fraction;
        return Math.copySign(1 - Math.exp(-a * a) / fraction / Math.sqrt(Math.PI), x);
    }

    private void unaryIntegers() {
        i(Unary.Operator.NEGATE, INT32, INTS, x -> (int) -(long) x);
        i(Unary.Operator.ABS, INT32, INTS, x -> Math.abs((int) x));
        i(Unary.Operator.SIGN, INT32, INTS, Math::signum);
        i(Unary.Operator.BIT_NOT, INT32, INTS, x -> ~(int) x);
        i(Unary.Operator.NEGATE, UINT32, UINTS, x -> -(long) x & 0xffffffffL);
        i(Unary.Operator.ABS, UINT32, UINTS, x -> x);
        i(Unary.Operator.SIGN, UINT32, UINTS, Math::signum);
        i(Unary.Operator.BIT_NOT, UINT32, UINTS, x -> ~(long) x & 0xffffffffL);
        i(Unary.Operator.NOT, BOOL, BOOLS, x -> 1 - x);
    }

    private void i(
            Unary.Operator operator, ScalarType type, double[] values, DoubleUnaryOperator oracle) {
        to.unary(
                operator + " " + type,
                type,
                type,
                values,
                x -> new Term.Apply(operator, x),
                oracle,
                0,
                0);
    }

    private void b(
            Binary.Operator operator,
            ScalarType type,
            double[] left,
            double[] right,
            DoubleBinaryOperator oracle,
            double ulps) {
        to.binary(
                operator + " " + type,
                type,
                operator.isComparison() ? BOOL : type,
                left,
                right,
                (x, y) -> new Term.Combine(operator, x, y),
                oracle,
                ulps);
    }

    private void binaryFloats() {
        double[] some = {0, -0.0, 1, -1, INF, -INF, NAN, 0.5, -2.5, 3, -7.25, 100};
        b(Binary.Operator.ADD, FLOAT32, some, some, (x, y) -> x + y, 0);
        b(Binary.Operator.SUBTRACT, FLOAT32, some, some, (x, y) -> x - y, 0);
        b(Binary.Operator.MULTIPLY, FLOAT32, some, some, (x, y) -> x * y, 0);
        b(Binary.Operator.DIVIDE, FLOAT32, some, some, (x, y) -> x / y, 3);
        b(Binary.Operator.MIN, FLOAT32, some, some, Math::min, 0);
        b(Binary.Operator.MAX, FLOAT32, some, some, Math::max, 0);
        b(Binary.Operator.EQUAL, FLOAT32, some, some, (x, y) -> x == y ? 1 : 0, 0);
        b(Binary.Operator.LESS, FLOAT32, some, some, (x, y) -> x < y ? 1 : 0, 0);
        b(Binary.Operator.LESS_OR_EQUAL, FLOAT32, some, some, (x, y) -> x <= y ? 1 : 0, 0);
        double[] dividends = {
            0, 1, -1, INF, -INF, NAN, 5.1, -5.1, 7.25, -7.25, 1e6, 3e-5, 123456.7
        };
        double[] divisors = {0, 1, -1, INF, -INF, NAN, 1.7, -1.7, 0.1, 2.5, 1e-3, 1e8};
        b(Binary.Operator.REMAINDER, FLOAT32, dividends, divisors, (x, y) -> x % y, 0);
        b(
                Binary.Operator.FLOOR_MODULO,
                FLOAT32,
                dividends,
                divisors,
                (x, y) -> {
                    double r = x % y;
                    return r != 0 && (r < 0) != (y < 0) ? r + y : r;
                },
                1);
        double[] whole = {6, -6, 7, -7, 9.5, -9.5, INF, NAN};
        b(
                Binary.Operator.FLOOR_DIVIDE,
                FLOAT32,
                whole,
                new double[] {2, -2, 4, 0.5, NAN},
                (x, y) -> Math.floor(x / y),
                0);
        double[] bases = {0, -0.0, 1, -1, INF, -INF, NAN, 0.5, -0.5, 2, -2, 3, 10, 0.9, 1.1, 1e-20};
        double[] exponents = {
            0, 1, -1, 2, 3, -2, -3, 0.5, -0.5, 1.5, 7, 63, 64, 100.5, 1e5, -1e5, INF, -INF, NAN
        };
        b(
                Binary.Operator.POWER,
                FLOAT32,
                bases,
                exponents,
                (x, y) -> x == 1 || x == -1 && Double.isInfinite(y) ? 1 : Math.pow(x, y),
                400);
        for (double y : new double[] {2, 3, 5, 8, -1, -2, 0.5, 1, 0, 4, 2.5}) {
            to.unary(
                    "POWER of " + y,
                    FLOAT32,
                    FLOAT32,
                    new double[] {0, 1, -1, NAN, 0.5, -0.5, 2, -3, 10, 0.9, 1.1},
                    x ->
                            new Term.Combine(
                                    Binary.Operator.POWER,
                                    x,
                                    io.webdnn.compiler.loop.Build.constant(x.type(), y)),
                    x -> Math.pow(x, y),
                    40,
                    0);
        }
        for (double bound : new double[] {0, 6, -0.5}) {
            to.unary(
                    "MAX with " + bound,
                    FLOAT32,
                    FLOAT32,
                    FLOATS,
                    x ->
                            new Term.Combine(
                                    Binary.Operator.MAX,
                                    x,
                                    io.webdnn.compiler.loop.Build.constant(x.type(), bound)),
                    x -> Math.max(x, bound),
                    0,
                    0);
            to.unary(
                    "MIN with " + bound,
                    FLOAT32,
                    FLOAT32,
                    FLOATS,
                    x ->
                            new Term.Combine(
                                    Binary.Operator.MIN,
                                    io.webdnn.compiler.loop.Build.constant(x.type(), bound),
                                    x),
                    x -> Math.min(x, bound),
                    0,
                    0);
        }
    }

    private void binaryIntegers() {
        for (var type : List.of(INT32, UINT32)) {
            var v = type == INT32 ? INTS : UINTS;
            b(Binary.Operator.ADD, type, v, v, (x, y) -> wrap(type, (long) x + (long) y), 0);
            b(Binary.Operator.SUBTRACT, type, v, v, (x, y) -> wrap(type, (long) x - (long) y), 0);
            b(
                    Binary.Operator.MULTIPLY,
                    type,
                    v,
                    v,
                    (x, y) -> wrap(type, ((long) x) * ((long) y)),
                    0);
            b(
                    Binary.Operator.DIVIDE,
                    type,
                    v,
                    v,
                    (x, y) -> y == 0 ? 0 : wrap(type, (long) x / (long) y),
                    0);
            b(Binary.Operator.REMAINDER, type, v, v, (x, y) -> y == 0 ? 0 : x % y, 0);
            b(
                    Binary.Operator.FLOOR_DIVIDE,
                    type,
                    v,
                    v,
                    (x, y) -> y == 0 ? 0 : wrap(type, (long) Math.floor(x / y)),
                    0);
            b(
                    Binary.Operator.FLOOR_MODULO,
                    type,
                    v,
                    v,
                    (x, y) -> y == 0 ? 0 : x - y * Math.floor(x / y),
                    0);
            b(Binary.Operator.MIN, type, v, v, Math::min, 0);
            b(Binary.Operator.MAX, type, v, v, Math::max, 0);
            b(Binary.Operator.AND, type, v, v, (x, y) -> wrap(type, (long) x & (long) y), 0);
            b(Binary.Operator.OR, type, v, v, (x, y) -> wrap(type, (long) x | (long) y), 0);
            b(Binary.Operator.XOR, type, v, v, (x, y) -> wrap(type, (long) x ^ (long) y), 0);
            double[] distances =
                    type == INT32
                            ? new double[] {0, 1, 5, 31, 32, 33, -1}
                            : new double[] {0, 1, 5, 31, 32, 33};
            b(
                    Binary.Operator.SHIFT_LEFT,
                    type,
                    v,
                    distances,
                    (x, y) -> wrap(type, (long) x << ((long) y & 31)),
                    0);
            b(
                    Binary.Operator.SHIFT_RIGHT,
                    type,
                    v,
                    distances,
                    (x, y) -> wrap(type, (long) x >> ((long) y & 31)),
                    0);
            b(Binary.Operator.EQUAL, type, v, v, (x, y) -> x == y ? 1 : 0, 0);
            b(Binary.Operator.LESS, type, v, v, (x, y) -> x < y ? 1 : 0, 0);
            b(Binary.Operator.LESS_OR_EQUAL, type, v, v, (x, y) -> x <= y ? 1 : 0, 0);
            double[] bases =
                    type == INT32
                            ? new double[] {0, 1, -1, 2, -3, 10, 65537}
                            : new double[] {0, 1, 2, 3, 10, 65537};
            double[] exponents =
                    type == INT32
                            ? new double[] {0, 1, 2, 3, 31, -1, -2}
                            : new double[] {0, 1, 2, 3, 31};
            b(
                    Binary.Operator.POWER,
                    type,
                    bases,
                    exponents,
                    (x, y) -> {
                        if (y < 0) return x == 1 ? 1 : x == -1 ? (y % 2 == 0 ? 1 : -1) : 0;
                        long p = 1;
                        for (int k = 0; k < y; k++) p = (long) wrap(type, p * (long) x);
                        return p;
                    },
                    0);
        }
        b(
                Binary.Operator.MULTIPLY_HIGH,
                UINT32,
                UINTS,
                UINTS,
                (x, y) -> Math.unsignedMultiplyHigh((long) x << 32, (long) y),
                0);
        b(Binary.Operator.AND, BOOL, BOOLS, BOOLS, (x, y) -> x * y, 0);
        b(Binary.Operator.OR, BOOL, BOOLS, BOOLS, Math::max, 0);
        b(Binary.Operator.XOR, BOOL, BOOLS, BOOLS, (x, y) -> x != y ? 1 : 0, 0);
        b(Binary.Operator.EQUAL, BOOL, BOOLS, BOOLS, (x, y) -> x == y ? 1 : 0, 0);
        for (long d : new long[] {-7, -1, 0, 1, 2, 3, 8, Integer.MIN_VALUE}) {
            divisor(Binary.Operator.DIVIDE, d, (x, y) -> y == 0 ? 0 : (int) ((long) x / (long) y));
            divisor(Binary.Operator.REMAINDER, d, (x, y) -> y == 0 ? 0 : x % y);
            divisor(
                    Binary.Operator.FLOOR_DIVIDE,
                    d,
                    (x, y) -> y == 0 ? 0 : (int) (long) Math.floor(x / y));
            divisor(
                    Binary.Operator.FLOOR_MODULO,
                    d,
                    (x, y) -> y == 0 ? 0 : x - y * Math.floor(x / y));
        }
        for (long d : new long[] {0, 1, 31, 32, 40}) {
            divisor(Binary.Operator.SHIFT_LEFT, d, (x, y) -> (int) x << (int) y);
            divisor(Binary.Operator.SHIFT_RIGHT, d, (x, y) -> (int) x >> (int) y);
        }
    }

    /// With a right operand that is a literal.
    private void divisor(Binary.Operator operator, long right, DoubleBinaryOperator oracle) {
        to.unary(
                operator + " by " + right,
                INT32,
                INT32,
                INTS,
                x ->
                        new Term.Combine(
                                operator,
                                x,
                                io.webdnn.compiler.loop.Build.constant(x.type(), right)),
                x -> oracle.applyAsDouble(x, right),
                0,
                0);
    }

    private static double wrap(ScalarType type, long x) {
        return type == INT32 ? (int) x : x & 0xffffffffL;
    }

    private void others() {
        double[] floats =
                with(
                        FLOATS,
                        2.9,
                        -2.9,
                        2147483520.0,
                        2147483648.0,
                        -2147483648.0,
                        4294967040.0,
                        4294967296.0,
                        1e20,
                        -1e20);
        convert(
                FLOAT32,
                INT32,
                floats,
                x ->
                        Double.isNaN(x)
                                ? 0
                                : Math.clamp((long) x, Integer.MIN_VALUE, Integer.MAX_VALUE));
        convert(
                FLOAT32,
                UINT32,
                floats,
                x -> Double.isNaN(x) ? 0 : Math.clamp((long) x, 0L, 0xffffffffL));
        convert(FLOAT32, BOOL, floats, x -> x == 0 ? 0 : 1);
        convert(INT32, FLOAT32, INTS, x -> x);
        convert(UINT32, FLOAT32, UINTS, x -> x);
        convert(INT32, UINT32, INTS, x -> (long) x & 0xffffffffL);
        convert(UINT32, INT32, UINTS, x -> (int) (long) x);
        convert(INT32, BOOL, INTS, x -> x == 0 ? 0 : 1);
        convert(BOOL, INT32, BOOLS, x -> x);
        convert(BOOL, UINT32, BOOLS, x -> x);
        convert(BOOL, FLOAT32, BOOLS, x -> x);
        double[] bits = {0, 1, -1.5, 3e20, INF, -INF};
        to.unary(
                "REINTERPRET to int",
                FLOAT32,
                INT32,
                bits,
                x -> new Term.Reinterpret(INT32, x),
                x -> Float.floatToRawIntBits((float) x),
                0,
                0);
        to.unary(
                "REINTERPRET to uint",
                FLOAT32,
                UINT32,
                bits,
                x -> new Term.Reinterpret(UINT32, x),
                x -> Integer.toUnsignedLong(Float.floatToRawIntBits((float) x)),
                0,
                0);
        to.unary(
                "REINTERPRET int to float",
                INT32,
                FLOAT32,
                new double[] {0, 0x3f800000, 0x7f800000, 0x7fc00000, 0xff800000},
                x -> new Term.Reinterpret(FLOAT32, x),
                x -> Float.intBitsToFloat((int) (long) x),
                0,
                0);
        to.unary(
                "REINTERPRET int to uint",
                INT32,
                UINT32,
                INTS,
                x -> new Term.Reinterpret(UINT32, x),
                x -> (long) x & 0xffffffffL,
                0,
                0);
        for (var type : List.of(FLOAT32, INT32, UINT32, BOOL)) {
            to.add(
                    "CHOOSE " + type,
                    List.of(BOOL, type, type),
                    type,
                    type == BOOL
                            ? List.of(
                                    new double[] {0, 1, 0, 1, 0, 1, 0, 1},
                                    new double[] {0, 0, 0, 0, 1, 1, 1, 1},
                                    new double[] {0, 0, 1, 1, 0, 0, 1, 1})
                            : List.of(
                                    new double[] {0, 1, 0, 1, 1},
                                    new double[] {1, 2, 3, type == FLOAT32 ? NAN : 4, 7},
                                    new double[] {5, 6, 7, 8, type == FLOAT32 ? NAN : 9}),
                    o -> new Term.Choose(o.get(0), o.get(1), o.get(2)),
                    x -> x[0] != 0 ? x[1] : x[2],
                    0,
                    0);
        }
        to.add(
                "MULTIPLY_ADD",
                List.of(FLOAT32, FLOAT32, FLOAT32),
                FLOAT32,
                List.of(
                        new double[] {1, 2, -3, INF, 0},
                        new double[] {4, 5, 6, 2, INF},
                        new double[] {7, 8, 9, -INF, 1}),
                o -> new Term.MultiplyAdd(o.get(0), o.get(1), o.get(2)),
                x -> x[0] * x[1] + x[2],
                1,
                0);
        to.unary(
                "largest and smallest literals",
                FLOAT32,
                FLOAT32,
                new double[] {
                    Float.MAX_VALUE,
                    -Float.MAX_VALUE,
                    Float.MIN_NORMAL,
                    1e-30,
                    16777217,
                    0.1f,
                    1e10,
                    123456.789,
                    INF,
                    -INF,
                    NAN,
                    -0.0
                },
                x -> x,
                x -> x,
                0,
                0);
        to.unary("int literals", INT32, INT32, INTS, x -> x, x -> x, 0, 0);
        to.unary("uint literals", UINT32, UINT32, UINTS, x -> x, x -> x, 0, 0);
    }

    private void convert(
            ScalarType from, ScalarType into, double[] values, DoubleUnaryOperator oracle) {
        to.unary(
                "CONVERT " + from + " " + into,
                from,
                into,
                values,
                x -> new Term.Convert(into, x),
                oracle,
                1,
                0);
    }
}
