package io.webdnn.compiler.loop;

import static io.webdnn.graph.expr.Binary.Operator.ADD;
import static io.webdnn.graph.expr.Binary.Operator.AND;
import static io.webdnn.graph.expr.Binary.Operator.EQUAL;
import static io.webdnn.graph.expr.Binary.Operator.LESS;
import static io.webdnn.graph.expr.Binary.Operator.MIN;
import static io.webdnn.graph.expr.Binary.Operator.MULTIPLY;
import static io.webdnn.graph.expr.Binary.Operator.OR;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_RIGHT;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;
import java.util.function.BiFunction;

/// Float32 rounded half to even to dtypes of fewer bits, in the way of
/// [io.webdnn.tensor.NarrowFloat], by its bits, which every target has.
public final class RoundFloat {
    private static final int MANTISSA = 23; // bits of a float32's
    private static final int INFINITY = 0x7f800000;

    private RoundFloat() {}

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

    /// {@return the number of a dtype that is nearest to a float32, as a float32}
    ///
    /// @param saturate whether a float8 that is too large becomes the largest
    /// @param declare gives a term a name in what is being written
    public static Term nearest(
            Term value, DType dtype, boolean saturate, BiFunction<String, Term, Term> declare) {
        var x = declare.apply("exact", value);
        var bits = declare.apply("bits", integer(x));
        var magnitude = declare.apply("magnitude", and(bits, 0x7fffffff));
        return switch (dtype) {
            case BFLOAT16 -> {
                var nearest = real(combine(OR, nearest(magnitude, 7), sign(bits)));
                yield choose(isNaN(magnitude), x, nearest);
            }
            case FLOAT8E8M0 -> powerOfTwo(magnitude);
            default -> {
                boolean saturates = saturate && dtype != DType.FLOAT16;
                yield rounded(x, bits, magnitude, dtype, format(dtype), saturates, declare);
            }
        };
    }

    /// {@return the float8 that a buffer takes: the largest for what is larger, but ∞ for ∞}
    ///
    /// @param declare gives a term a name in what is being written
    public static Term toFloat8E5M2(Term value, BiFunction<String, Term, Term> declare) {
        var x = declare.apply("given", value);
        var magnitude = and(integer(x), 0x7fffffff);
        var isInfinite = combine(EQUAL, magnitude, constant(magnitude, INFINITY));
        return choose(isInfinite, x, nearest(x, DType.FLOAT8E5M2, true, declare));
    }

    private static Term rounded(
            Term x,
            Term bits,
            Term magnitude,
            DType dtype,
            Format format,
            boolean saturates,
            BiFunction<String, Term, Term> declare) {
        // Below the smallest normal number, all numbers are multiples of one.
        double scale = Math.scalb(1.0, format.mantissa - format.least);
        var multiple =
                new Term.Apply(
                        Unary.Operator.ROUND, combine(MULTIPLY, real(magnitude), number(x, scale)));
        var small = combine(MULTIPLY, multiple, number(x, 1 / scale));
        var isSmall = combine(LESS, magnitude, constant(bits, format.least + 127 << MANTISSA));
        var normal = real(nearest(magnitude, format.mantissa));
        var near = declare.apply("near", choose(isSmall, small, normal));
        double beyond = saturates ? format.largest : format.beyond;
        var isBeyond = combine(LESS, number(x, format.largest), near);
        var size = declare.apply("size", choose(isBeyond, number(x, beyond), near));
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
