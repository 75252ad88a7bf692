package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;
import java.util.List;

/// An interval that holds every value of an int32 expression; the whole of int32 (widened) where
/// nothing is known.
///
/// Arithmetic is on longs, so that a bound never wraps; symbols may take any value from 0 on.
public record Range(long low, long high) {
    private static final long UNBOUNDED = 1L << 40;

    /// Nothing is known.
    public static final Range ALL = new Range(-UNBOUNDED, UNBOUNDED);

    /// {@return whether all values lie in `low … high`}
    public boolean isWithin(long low, long high) {
        return low <= this.low && this.high <= high;
    }

    /// {@return the interval of an expression}
    public static Range of(Expr e) {
        return e.dtype() == DType.INT32 ? of(e, false) : ALL;
    }

    /// {@return what an integer dtype holds; of int64 and uint64 what their low 32 bits hold}
    public static Range ofBits(DType dtype) {
        int bits = Math.min(32, dtype.bits());
        return dtype.kind() == DType.Kind.SIGNED
                ? new Range(-(1L << bits - 1), (1L << bits - 1) - 1)
                : new Range(0, (1L << bits) - 1);
    }

    /// {@return the interval of an integer expression if the int64 and uint64 that it loads are
    /// held in 32 bits; that of an int64 or uint64 may be wider}
    public static Range held(Expr e) {
        if (e.dtype() == DType.BOOL) return new Range(0, 1);
        if (!e.dtype().isInteger()) return ALL;
        var range = of(e, true);
        var bits = ofBits(e.dtype());
        boolean wraps = e.dtype().bits() <= 32 && !range.isWithin(bits.low, bits.high);
        return wraps ? bits : range;
    }

    private static Range part(Expr e, boolean isHeld) {
        return isHeld ? held(e) : of(e);
    }

    private static Range of(Expr e, boolean isHeld) {
        return switch (e) {
            case Literal l -> new Range(l.value().longValue(), l.value().longValue());
            case Index i ->
                    i.extent().isFixed()
                            ? new Range(0, Math.max(0, i.extent().value() - 1))
                            : new Range(0, UNBOUNDED);
            case Extent _ -> new Range(0, UNBOUNDED);
            case Binary(var operator, var left, var right)
                    when isHeld && operator == Binary.Operator.SUBTRACT && left.equals(right) ->
                    new Range(0, 0);
            case Binary(var operator, var left, var right) -> {
                var range = binary(operator, part(left, isHeld), part(right, isHeld));
                yield isHeld && range.equals(ALL) && keepsBits(operator)
                        ? ofBits(e.dtype())
                        : range;
            }
            case Select(_, var then, var otherwise) -> {
                var a = part(then, isHeld);
                var b = part(otherwise, isHeld);
                yield new Range(Math.min(a.low, b.low), Math.max(a.high, b.high));
            }
            case Cast(_, var operand, _) when operand.dtype() == DType.BOOL -> new Range(0, 1);
            case Cast(_, var operand, _) when isHeld && operand.dtype().isInteger() ->
                    held(operand);
            case Let(_, _, var body) -> part(body, isHeld);
            case Reduce(var operator, var indices, var body) when isHeld ->
                    reduced(operator, indices, held(body), e.dtype());
            case Unary(var operator, var a) when isHeld ->
                    switch (operator) {
                        case SIGN -> new Range(-1, 1);
                        default -> ofBits(e.dtype());
                    };
            case Load(var buffer, _) when !buffer.range().equals(ALL) -> buffer.range();
            case Cast _, Local _, Load _, Unary _, Bits _, Reduce _, Fold _ ->
                    isHeld ? ofBits(e.dtype()) : ALL;
        };
    }

    /// {@return whether the result for numbers that are held in 32 bits fits there too}
    private static boolean keepsBits(Binary.Operator operator) {
        return switch (operator) {
            case AND, OR, XOR, SHIFT_RIGHT, DIVIDE, REMAINDER, FLOOR_DIVIDE, FLOOR_MODULO -> true;
            default -> false;
        };
    }

    private static Range reduced(
            Reduce.Operator operator, List<Index> indices, Range body, DType dtype) {
        return switch (operator) {
            case SUM -> {
                long steps = 1;
                for (var index : indices) {
                    if (!index.extent().isFixed()) yield ALL;
                    steps =
                            Math.min(
                                    UNBOUNDED, steps * Math.min(UNBOUNDED, index.extent().value()));
                }
                yield binary(Binary.Operator.MULTIPLY, body, new Range(steps, steps));
            }
            case PRODUCT -> ALL;
            case MIN, MAX, ANY, ALL -> ofBits(dtype);
        };
    }

    private static Range binary(Binary.Operator operator, Range a, Range b) {
        return switch (operator) {
            case ADD -> new Range(a.low + b.low, a.high + b.high).limited();
            case SUBTRACT -> new Range(a.low - b.high, a.high - b.low).limited();
            case MULTIPLY -> {
                if (a.isUnbounded() || b.isUnbounded()) {
                    yield a.low >= 0 && b.low >= 0 ? new Range(0, UNBOUNDED) : ALL;
                }
                long p = a.low * b.low;
                long q = a.low * b.high;
                long r = a.high * b.low;
                long s = a.high * b.high;
                yield new Range(
                                Math.min(Math.min(p, q), Math.min(r, s)),
                                Math.max(Math.max(p, q), Math.max(r, s)))
                        .limited();
            }
            case FLOOR_DIVIDE ->
                    b.low > 0 && b.low == b.high
                            ? new Range(Math.floorDiv(a.low, b.low), Math.floorDiv(a.high, b.low))
                            : a.low >= 0 && b.low >= 0 ? new Range(0, a.high) : ALL;
            case FLOOR_MODULO ->
                    b.low > 0 ? new Range(0, b.high - 1) : b.low == 0 ? new Range(0, b.high) : ALL;
            case MIN -> new Range(Math.min(a.low, b.low), Math.min(a.high, b.high));
            case MAX -> new Range(Math.max(a.low, b.low), Math.max(a.high, b.high));
            case DIVIDE ->
                    a.low >= 0 && b.low > 0 && b.low == b.high
                            ? new Range(a.low / b.low, a.high / b.low)
                            : a.low >= 0 && b.low >= 0 ? new Range(0, a.high) : ALL;
            case REMAINDER -> a.low >= 0 && b.low > 0 ? new Range(0, b.high - 1) : ALL;
            case POWER, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, MULTIPLY_HIGH -> ALL;
            case EQUAL, LESS, LESS_OR_EQUAL -> new Range(0, 1);
        };
    }

    private boolean isUnbounded() {
        return low <= -(1L << 31) || high >= 1L << 31;
    }

    /// {@return this within what is told apart}
    Range limited() {
        return new Range(Math.max(low, -UNBOUNDED), Math.min(high, UNBOUNDED));
    }
}
