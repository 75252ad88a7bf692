package io.webdnn.graph.interpret;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;
import java.util.function.LongUnaryOperator;

/// Integer arithmetic on longs, wrapped to the width of the dtype after each operation. uint64 is
/// kept as its bits; narrower unsigned numbers are never negative.
final class Wholes {
    private Wholes() {}

    static long wrap(DType dtype, long value) {
        return switch (dtype) {
            case INT64, UINT64 -> value;
            case INT32 -> (int) value;
            case INT16 -> (short) value;
            case INT8 -> (byte) value;
            case INT4 -> value << 60 >> 60;
            case INT2 -> value << 62 >> 62;
            case UINT32 -> value & 0xffff_ffffL;
            case UINT16 -> value & 0xffff;
            case UINT8 -> value & 0xff;
            case UINT4 -> value & 0xf;
            case UINT2 -> value & 3;
            default -> throw Reals.undefined("integer", dtype);
        };
    }

    static long lowest(DType dtype) {
        return dtype.kind() == DType.Kind.UNSIGNED ? 0 : -1L << (dtype.bits() - 1);
    }

    static long highest(DType dtype) {
        if (dtype.kind() == DType.Kind.SIGNED) return ~lowest(dtype);
        return dtype == DType.UINT64 ? -1 : (1L << dtype.bits()) - 1;
    }

    private static Code.Whole wrapped(DType dtype, Code.Whole exact) {
        return switch (dtype) {
            case INT64, UINT64 -> exact;
            case INT32 -> f -> (int) exact.at(f);
            default -> f -> wrap(dtype, exact.at(f));
        };
    }

    static Code.Whole unary(Unary.Operator operator, DType dtype, Code.Whole a) {
        boolean signed = dtype.kind() == DType.Kind.SIGNED;
        LongUnaryOperator function =
                switch (operator) {
                    case NEGATE -> x -> -x;
                    case ABS -> signed ? Math::abs : x -> x;
                    case SIGN -> signed ? Long::signum : x -> x == 0 ? 0 : 1;
                    case BIT_NOT -> x -> ~x;
                    case FLOOR, CEIL, ROUND -> x -> x;
                    case EXP,
                            LOG,
                            LOG1P,
                            SQRT,
                            SIN,
                            COS,
                            TAN,
                            ASIN,
                            ACOS,
                            ATAN,
                            SINH,
                            COSH,
                            ASINH,
                            ACOSH,
                            ATANH,
                            TANH,
                            ERF,
                            NOT,
                            IS_NAN,
                            IS_INFINITE ->
                            throw Reals.undefined(operator, dtype);
                };
        return wrapped(dtype, f -> function.applyAsLong(a.at(f)));
    }

    static Code.Whole binary(Binary.Operator operator, DType dtype, Code.Whole a, Code.Whole b) {
        boolean wide = dtype == DType.UINT64;
        int mask = dtype.bits() == 64 ? 63 : 31;
        Code.Whole exact =
                switch (operator) {
                    case ADD -> f -> a.at(f) + b.at(f);
                    case SUBTRACT -> f -> a.at(f) - b.at(f);
                    case MULTIPLY -> f -> a.at(f) * b.at(f);
                    case DIVIDE -> f -> divide(wide, a.at(f), b.at(f));
                    case REMAINDER -> f -> remainder(wide, a.at(f), b.at(f));
                    case FLOOR_DIVIDE ->
                            wide
                                    ? f -> divide(true, a.at(f), b.at(f))
                                    : f -> floorDivide(a.at(f), b.at(f));
                    case FLOOR_MODULO ->
                            wide
                                    ? f -> remainder(true, a.at(f), b.at(f))
                                    : f -> floorModulo(a.at(f), b.at(f));
                    case MIN -> f -> least(wide, a.at(f), b.at(f));
                    case MAX -> f -> greatest(wide, a.at(f), b.at(f));
                    case POWER -> f -> power(wide, a.at(f), b.at(f));
                    case AND -> f -> a.at(f) & b.at(f);
                    case OR -> f -> a.at(f) | b.at(f);
                    case XOR -> f -> a.at(f) ^ b.at(f);
                    case SHIFT_LEFT -> f -> a.at(f) << (b.at(f) & mask);
                    case SHIFT_RIGHT ->
                            dtype.kind() == DType.Kind.UNSIGNED
                                    ? f -> a.at(f) >>> (b.at(f) & mask)
                                    : f -> a.at(f) >> (b.at(f) & mask);
                    case MULTIPLY_HIGH -> {
                        if (dtype != DType.UINT32) throw Reals.undefined(operator, dtype);
                        yield f -> a.at(f) * b.at(f) >>> 32;
                    }
                    case EQUAL, LESS, LESS_OR_EQUAL -> throw new AssertionError(operator);
                };
        return switch (operator) {
            case MIN, MAX, MULTIPLY_HIGH -> exact;
            default -> wrapped(dtype, exact);
        };
    }

    static Code.Truth compare(Binary.Operator operator, DType dtype, Code.Whole a, Code.Whole b) {
        boolean wide = dtype == DType.UINT64;
        return switch (operator) {
            case EQUAL -> f -> a.at(f) == b.at(f);
            case LESS ->
                    wide ? f -> Long.compareUnsigned(a.at(f), b.at(f)) < 0 : f -> a.at(f) < b.at(f);
            case LESS_OR_EQUAL ->
                    wide
                            ? f -> Long.compareUnsigned(a.at(f), b.at(f)) <= 0
                            : f -> a.at(f) <= b.at(f);
            default -> throw new AssertionError(operator);
        };
    }

    static Code.Whole reduce(Reduce.Operator operator, DType dtype, Loop loop, Code.Whole body) {
        boolean wide = dtype == DType.UINT64;
        return switch (operator) {
            case SUM ->
                    f -> {
                        long sum = 0;
                        if (loop.start(f)) {
                            do sum += body.at(f);
                            while (loop.next(f));
                        }
                        return wrap(dtype, sum);
                    };
            case PRODUCT ->
                    f -> {
                        long product = 1;
                        if (loop.start(f)) {
                            do product *= body.at(f);
                            while (loop.next(f));
                        }
                        return wrap(dtype, product);
                    };
            case MAX ->
                    f -> {
                        long most = lowest(dtype);
                        if (loop.start(f)) {
                            do most = greatest(wide, most, body.at(f));
                            while (loop.next(f));
                        }
                        return most;
                    };
            case MIN ->
                    f -> {
                        long least = highest(dtype);
                        if (loop.start(f)) {
                            do least = least(wide, least, body.at(f));
                            while (loop.next(f));
                        }
                        return least;
                    };
            case ANY, ALL -> throw Reals.undefined(operator, dtype);
        };
    }

    /// A float as an integer of the dtype: truncated, saturated, NaN as 0.
    static long fromReal(DType dtype, double value) {
        if (dtype == DType.UINT64) {
            if (!(value > 0)) return 0;
            if (value >= 0x1p64) return -1;
            return value < 0x1p63 ? (long) value : (long) (value - 0x1p63) + Long.MIN_VALUE;
        }
        long truncated = (long) value;
        return Math.clamp(truncated, lowest(dtype), highest(dtype));
    }

    /// An integer of the dtype as the nearest double.
    static double toReal(DType dtype, long value) {
        return dtype == DType.UINT64 && value < 0 ? (value >>> 1 | value & 1) * 2.0 : value;
    }

    static long least(boolean wide, long a, long b) {
        return wide ? Long.compareUnsigned(a, b) <= 0 ? a : b : Math.min(a, b);
    }

    static long greatest(boolean wide, long a, long b) {
        return wide ? Long.compareUnsigned(a, b) >= 0 ? a : b : Math.max(a, b);
    }

    private static long divide(boolean wide, long a, long b) {
        return b == 0 ? 0 : wide ? Long.divideUnsigned(a, b) : a / b;
    }

    private static long remainder(boolean wide, long a, long b) {
        return b == 0 ? 0 : wide ? Long.remainderUnsigned(a, b) : a % b;
    }

    private static long floorDivide(long a, long b) {
        return b == 0 ? 0 : Math.floorDiv(a, b);
    }

    private static long floorModulo(long a, long b) {
        return b == 0 ? 0 : Math.floorMod(a, b);
    }

    /// By squaring; `x^−n` is the integer division `1 / xⁿ`.
    private static long power(boolean wide, long base, long exponent) {
        if (exponent < 0 && !wide) {
            return base == 1 ? 1 : base == -1 ? (exponent & 1) == 0 ? 1 : -1 : 0;
        }
        long result = 1;
        for (long square = base; exponent != 0; exponent >>>= 1) {
            if ((exponent & 1) != 0) result *= square;
            square *= square;
        }
        return result;
    }
}
