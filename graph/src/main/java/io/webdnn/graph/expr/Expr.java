package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// What one element of a tensor is: a pure scalar expression over loop indices (the *pull form*).
///
/// An expression never says how it is computed. Its rules hold on every target:
///
/// - both operands of a [Binary] have one dtype, a [Select] one on both sides; only [Cast]
///   converts, [Bits] takes the same bits for another;
/// - a [Load] has one index per axis; an index outside the axis is clamped to it, so that both
///   sides of a [Select] may be evaluated; it is a mistake to *use* such a value;
/// - integer division by zero gives 0; integers wrap; shifts use the low five (or six) bits of the
///   distance;
/// - `±∞` and NaN are values; `MIN` and `MAX` give NaN if an operand is NaN; comparisons with NaN
///   are false;
/// - a [Reduce] over nothing is the identity of its operator; floating sums may be associated in
///   any order, folds may not;
/// - float16 and bfloat16 are computed in float32 and rounded at the store.
///
/// Index arithmetic is int32. Smart constructors here fold constants and `x + 0`, `x · 1`, `x // 1`
/// and the like, and use the ranges of indices (`0 ≤ m < M` makes `m // M` zero), so that lowerings
/// may be written plainly.
public sealed interface Expr
        permits Literal,
                Index,
                Local,
                Extent,
                Load,
                Unary,
                Binary,
                Select,
                Cast,
                Bits,
                Let,
                Reduce,
                Fold {
    /// {@return the type of the value}
    DType dtype();

    /// {@return an int32 literal}
    static Expr of(long value) {
        return Literal.of(DType.INT32, value);
    }

    /// {@return the literal of a dtype}
    static Expr of(DType dtype, double value) {
        return Literal.of(dtype, value);
    }

    /// {@return a dimension as an int32 expression}
    static Expr of(Dimension dimension) {
        return dimension.isFixed() ? of(dimension.value()) : new Extent(dimension);
    }

    /// {@return this + other}
    default Expr plus(Expr other) {
        return Simplify.binary(Binary.Operator.ADD, this, other);
    }

    /// {@return this + other, for int32}
    default Expr plus(long other) {
        return plus(of(other));
    }

    /// {@return this − other}
    default Expr minus(Expr other) {
        return Simplify.binary(Binary.Operator.SUBTRACT, this, other);
    }

    /// {@return this − other, for int32}
    default Expr minus(long other) {
        return minus(of(other));
    }

    /// {@return this · other}
    default Expr times(Expr other) {
        return Simplify.binary(Binary.Operator.MULTIPLY, this, other);
    }

    /// {@return this · other, for int32}
    default Expr times(long other) {
        return times(of(other));
    }

    /// {@return this / other; integers truncate towards zero}
    default Expr dividedBy(Expr other) {
        return Simplify.binary(Binary.Operator.DIVIDE, this, other);
    }

    /// {@return ⌊this / other⌋ for integers}
    default Expr floorDividedBy(Expr other) {
        return Simplify.binary(Binary.Operator.FLOOR_DIVIDE, this, other);
    }

    /// {@return ⌊this / other⌋, for int32}
    default Expr floorDividedBy(long other) {
        return floorDividedBy(of(other));
    }

    /// {@return this − other · ⌊this / other⌋}
    default Expr floorModulo(Expr other) {
        return Simplify.binary(Binary.Operator.FLOOR_MODULO, this, other);
    }

    /// {@return this − other · ⌊this / other⌋, for int32}
    default Expr floorModulo(long other) {
        return floorModulo(of(other));
    }

    /// {@return the smaller; NaN if one is}
    default Expr min(Expr other) {
        return Simplify.binary(Binary.Operator.MIN, this, other);
    }

    /// {@return the larger; NaN if one is}
    default Expr max(Expr other) {
        return Simplify.binary(Binary.Operator.MAX, this, other);
    }

    /// {@return whether this < other}
    default Expr less(Expr other) {
        return Simplify.binary(Binary.Operator.LESS, this, other);
    }

    /// {@return whether this ≤ other}
    default Expr lessOrEqual(Expr other) {
        return Simplify.binary(Binary.Operator.LESS_OR_EQUAL, this, other);
    }

    /// {@return whether this = other}
    default Expr isEqualTo(Expr other) {
        return Simplify.binary(Binary.Operator.EQUAL, this, other);
    }

    /// {@return both, for bool}
    default Expr and(Expr other) {
        return Simplify.binary(Binary.Operator.AND, this, other);
    }

    /// {@return either, for bool}
    default Expr or(Expr other) {
        return Simplify.binary(Binary.Operator.OR, this, other);
    }

    /// {@return a unary operation}
    default Expr apply(Unary.Operator operator) {
        return Simplify.unary(operator, this);
    }

    /// {@return a binary operation}
    default Expr apply(Binary.Operator operator, Expr other) {
        return Simplify.binary(operator, this, other);
    }

    /// {@return `this ? then : otherwise`, for bool}
    default Expr select(Expr then, Expr otherwise) {
        return Simplify.select(this, then, otherwise);
    }

    /// {@return this converted: float to int truncates and saturates (NaN gives 0), int to narrower
    /// int wraps, to bool is `≠ 0`}
    default Expr cast(DType dtype) {
        return Simplify.cast(dtype, this);
    }

    /// {@return whether `0 ≤ this < extent`, for int32}
    default Expr isWithin(Dimension extent) {
        return of(0).lessOrEqual(this).and(less(of(extent)));
    }

    /// {@return the sum of a body over indices}
    static Expr sum(List<Index> indices, Expr body) {
        return Simplify.reduce(Reduce.Operator.SUM, indices, body);
    }
}
