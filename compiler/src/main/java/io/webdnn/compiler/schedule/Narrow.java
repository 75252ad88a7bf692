package io.webdnn.compiler.schedule;

import static io.webdnn.graph.expr.Binary.Operator.ADD;
import static io.webdnn.graph.expr.Binary.Operator.AND;
import static io.webdnn.graph.expr.Binary.Operator.EQUAL;
import static io.webdnn.graph.expr.Binary.Operator.LESS;
import static io.webdnn.graph.expr.Binary.Operator.MAX;
import static io.webdnn.graph.expr.Binary.Operator.MIN;
import static io.webdnn.graph.expr.Binary.Operator.MULTIPLY;
import static io.webdnn.graph.expr.Binary.Operator.OR;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_LEFT;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_RIGHT;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;

/// Dtypes that are narrower than the scalars which they are stored and computed in: int32 that
/// wraps to fewer bits, float32 that is rounded to fewer.
///
/// Integers wrap after each operation. Floats are rounded where they are cast or stored, in the way
/// of [io.webdnn.tensor.NarrowFloat], by their bits, which every target has.
final class Narrow {
    private static final int MANTISSA = 23; // bits of a float32's
    private static final int INFINITY = 0x7f800000;

    private Narrow() {}

    /// {@return an integer, wrapped to the width of its dtype; other values as they are}
    static Term wrapped(Term a, DType dtype) {
        if (!dtype.isInteger() || a.type().scalar() != ScalarType.INT32) return a;
        return switch (dtype) {
            case INT8, INT16, INT4, INT2 -> {
                var distance = Build.constant(a.type(), 32 - dtype.bits());
                yield combine(SHIFT_RIGHT, combine(SHIFT_LEFT, a, distance), distance);
            }
            case UINT8, UINT16, UINT4, UINT2 -> and(a, (1 << dtype.bits()) - 1);
            default -> a;
        };
    }

    /// {@return the nearest number that an integer dtype holds}
    static Term clamped(Term a, DType dtype) {
        return switch (dtype) {
            case INT8, INT16, INT4, INT2, UINT8, UINT16, UINT4, UINT2 ->
                    combine(
                            MIN,
                            combine(MAX, a, Build.constant(a.type(), lowest(dtype))),
                            Build.constant(a.type(), highest(dtype)));
            default -> a;
        };
    }

    /// {@return the lowest number that reductions over a dtype meet}
    static double lowest(DType dtype) {
        return switch (dtype) {
            case INT8, INT16, INT4, INT2 -> -(1 << dtype.bits() - 1);
            case INT32, INT64 -> Integer.MIN_VALUE;
            case UINT8, UINT16, UINT32, UINT64, UINT4, UINT2, BOOL -> 0;
            default -> Double.NEGATIVE_INFINITY;
        };
    }

    /// {@return the highest number that reductions over a dtype meet}
    static double highest(DType dtype) {
        return switch (dtype) {
            case INT8, INT16, INT4, INT2 -> (1 << dtype.bits() - 1) - 1;
            case INT32, INT64 -> Integer.MAX_VALUE;
            case UINT8, UINT16, UINT4, UINT2 -> (1 << dtype.bits()) - 1;
            case UINT32, UINT64 -> 0xffffffffL;
            case BOOL -> 1;
            default -> Double.POSITIVE_INFINITY;
        };
    }

    /// A sign, a mantissa, an exponent.
    ///
    /// @param mantissa its bits
    /// @param least the exponent of the smallest normal number
    /// @param largest the largest number
    /// @param beyond what a larger one becomes where it does not saturate
    /// @param signed whether −0 is another number than 0
    private record Format(int mantissa, int least, double largest, double beyond, boolean signed) {}

    private static Format format(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> new Format(10, -14, 65504, Double.POSITIVE_INFINITY, true);
            case FLOAT8E4M3FN -> new Format(3, -6, 448, Double.NaN, true);
            case FLOAT8E4M3FNUZ -> new Format(3, -7, 240, Double.NaN, false);
            case FLOAT8E5M2 -> new Format(2, -14, 57344, Double.POSITIVE_INFINITY, true);
            case FLOAT8E5M2FNUZ -> new Format(2, -15, 57344, Double.NaN, false);
            case FLOAT4E2M1 -> new Format(1, 0, 6, 6, true);
            default -> throw new AssertionError(dtype);
        };
    }

    /// {@return a float as a buffer of the dtype takes it: saturating, but for an ∞ that a cast has
    /// given; other values as they are}
    static Term stored(Term value, DType dtype, Scope scope) {
        if (dtype != DType.FLOAT8E5M2) return rounded(value, dtype, true, scope);
        var x = scope.declare("given", value);
        var magnitude = and(integer(x), 0x7fffffff);
        var isInfinite = combine(EQUAL, magnitude, constant(magnitude, INFINITY));
        return choose(isInfinite, x, rounded(x, dtype, true, scope));
    }

    /// {@return the number of the dtype that is nearest to a float32; other values as they are}
    ///
    /// @param saturate whether a float8 that is too large becomes the largest
    static Term rounded(Term value, DType dtype, boolean saturate, Scope scope) {
        if (!dtype.isFloat() || dtype == DType.FLOAT32 || dtype == DType.FLOAT64) return value;
        var x = scope.declare("exact", value);
        var bits = scope.declare("bits", integer(x));
        var magnitude = scope.declare("magnitude", and(bits, 0x7fffffff));
        return switch (dtype) {
            case BFLOAT16 -> {
                var nearest = real(combine(OR, nearest(magnitude, 7), sign(bits)));
                yield choose(isNaN(magnitude), x, nearest);
            }
            case FLOAT8E8M0 -> powerOfTwo(magnitude);
            default -> {
                boolean saturates = saturate && dtype != DType.FLOAT16;
                yield rounded(x, bits, magnitude, dtype, format(dtype), saturates, scope);
            }
        };
    }

    private static Term rounded(
            Term x,
            Term bits,
            Term magnitude,
            DType dtype,
            Format format,
            boolean saturates,
            Scope scope) {
        // Below the smallest normal number, all numbers are multiples of one.
        double scale = Math.scalb(1.0, format.mantissa - format.least);
        var multiple =
                new Term.Apply(
                        Unary.Operator.ROUND, combine(MULTIPLY, real(magnitude), number(x, scale)));
        var small = combine(MULTIPLY, multiple, number(x, 1 / scale));
        var isSmall = combine(LESS, magnitude, constant(bits, format.least + 127 << MANTISSA));
        var normal = real(nearest(magnitude, format.mantissa));
        var near = scope.declare("near", choose(isSmall, small, normal));
        double beyond = saturates ? format.largest : format.beyond;
        var isBeyond = combine(LESS, number(x, format.largest), near);
        var size = scope.declare("size", choose(isBeyond, number(x, beyond), near));
        var number = real(combine(OR, integer(size), sign(bits)));
        if (!format.signed) number = choose(combine(EQUAL, size, number(x, 0)), size, number);
        // No literal: the compilers of shaders take −0 for 0.
        var minusZero = real(sign(combine(OR, bits, constant(bits, Integer.MIN_VALUE))));
        var nothing = dtype == DType.FLOAT4E2M1 ? minusZero : x;
        return choose(isNaN(magnitude), nothing, number);
    }

    /// {@return the bits without the last ones of the mantissa, rounded half to even; a carry out
    /// of the mantissa is right}
    private static Term nearest(Term magnitude, int mantissa) {
        int lost = MANTISSA - mantissa;
        var last = and(combine(SHIFT_RIGHT, magnitude, constant(magnitude, lost)), 1);
        var half = constant(magnitude, (1 << lost - 1) - 1);
        return and(combine(ADD, combine(ADD, magnitude, half), last), -1 << lost);
    }

    /// Powers of two have no sign, no mantissa and no ∞; they are rounded up, but for those that
    /// are no normal float32.
    private static Term powerOfTwo(Term magnitude) {
        int highest = 0x7f000000;
        var up = and(combine(ADD, magnitude, constant(magnitude, 0x7fffff)), INFINITY);
        var normal = combine(MIN, up, constant(magnitude, highest));
        var isTiny = combine(LESS, magnitude, constant(magnitude, 0x400001)); // up to 2^−127
        var power = choose(isTiny, constant(magnitude, 0x400000), normal);
        var isNumber = combine(LESS, magnitude, constant(magnitude, INFINITY));
        return choose(isNumber, real(power), number(real(power), Double.NaN));
    }

    private static Term isNaN(Term magnitude) {
        return combine(LESS, constant(magnitude, INFINITY), magnitude);
    }

    private static Term sign(Term bits) {
        return and(bits, Integer.MIN_VALUE);
    }

    private static Term and(Term a, int mask) {
        return combine(AND, a, constant(a, mask));
    }

    private static Term integer(Term a) {
        return new Term.Reinterpret(ScalarType.INT32, a);
    }

    private static Term real(Term a) {
        return new Term.Reinterpret(ScalarType.FLOAT32, a);
    }

    private static Term constant(Term like, int value) {
        return Build.constant(new LoopType(ScalarType.INT32, like.type().lanes()), value);
    }

    private static Term number(Term like, double value) {
        return Build.constant(new LoopType(ScalarType.FLOAT32, like.type().lanes()), value);
    }

    private static Term choose(Term condition, Term then, Term otherwise) {
        return new Term.Choose(condition, then, otherwise);
    }

    private static Term combine(Binary.Operator operator, Term a, Term b) {
        return new Term.Combine(operator, a, b);
    }
}
