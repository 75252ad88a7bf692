package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

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
        if (e.dtype() != DType.INT32) return ALL;
        return switch (e) {
            case Literal l -> new Range(l.value().longValue(), l.value().longValue());
            case Index i ->
                    i.extent().isFixed()
                            ? new Range(0, Math.max(0, i.extent().value() - 1))
                            : new Range(0, UNBOUNDED);
            case Extent _ -> new Range(0, UNBOUNDED);
            case Binary(var operator, var left, var right) -> binary(operator, of(left), of(right));
            case Select(_, var then, var otherwise) -> {
                var a = of(then);
                var b = of(otherwise);
                yield new Range(Math.min(a.low, b.low), Math.max(a.high, b.high));
            }
            case Cast(_, var operand, _) -> operand.dtype() == DType.BOOL ? new Range(0, 1) : ALL;
            case Let(_, _, var body) -> of(body);
            case Local _, Load _, Unary _, Bits _, Reduce _, Fold _ -> ALL;
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

    private Range limited() {
        return new Range(Math.max(low, -UNBOUNDED), Math.min(high, UNBOUNDED));
    }
}
