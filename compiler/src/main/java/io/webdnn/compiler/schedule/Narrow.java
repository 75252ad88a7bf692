package io.webdnn.compiler.schedule;

import static io.webdnn.graph.expr.Binary.Operator.AND;
import static io.webdnn.graph.expr.Binary.Operator.MAX;
import static io.webdnn.graph.expr.Binary.Operator.MIN;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_LEFT;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_RIGHT;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.RoundFloat;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.tensor.DType;

/// Dtypes that are narrower than the scalars which they are stored and computed in: int32 that
/// wraps to fewer bits, float32 that is rounded to fewer.
///
/// Integers wrap after each operation. Floats are rounded where they are cast or stored, in the way
/// of [io.webdnn.tensor.NarrowFloat], by their bits, which every target has; to float16, where the
/// target has that type, by a conversion to it and back.
final class Narrow {
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

    /// {@return a float as a buffer of the dtype takes it: saturating, but for an ∞ that a cast has
    /// given; other values as they are}
    ///
    /// @param hasHalves whether the target has a type for float16
    static Term stored(Term value, DType dtype, boolean hasHalves, Scope scope) {
        return dtype == DType.FLOAT8E5M2
                ? RoundFloat.toFloat8E5M2(value, scope::declare)
                : rounded(value, dtype, true, hasHalves, scope);
    }

    /// {@return the number of the dtype that is nearest to a float32; other values as they are}
    ///
    /// @param saturate whether a float8 that is too large becomes the largest
    /// @param hasHalves whether the target has a type for float16
    static Term rounded(Term value, DType dtype, boolean saturate, boolean hasHalves, Scope scope) {
        if (!dtype.isFloat() || dtype == DType.FLOAT32 || dtype == DType.FLOAT64) return value;
        if (dtype == DType.FLOAT16 && hasHalves)
            return new Term.Convert(
                    ScalarType.FLOAT32, new Term.Convert(ScalarType.FLOAT16, value));
        return RoundFloat.nearest(value, dtype, saturate, scope::declare);
    }

    private static Term and(Term a, int mask) {
        return combine(AND, a, Build.constant(a.type(), mask));
    }

    private static Term combine(Binary.Operator operator, Term a, Term b) {
        return new Term.Combine(operator, a, b);
    }
}
