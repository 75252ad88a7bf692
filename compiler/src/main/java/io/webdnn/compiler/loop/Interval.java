package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import java.util.Map;

/// Bounds of an int32 term, both included. Where a result may wrap, nothing is known of it.
///
/// @param low not above any value
/// @param high not below any value
public record Interval(long low, long high) {
    /// Nothing is known.
    public static final Interval ALL = new Interval(Integer.MIN_VALUE, Integer.MAX_VALUE);

    private static final Interval NATURAL = new Interval(0, Integer.MAX_VALUE);

    /// {@return whether no value is negative}
    public boolean isNatural() {
        return low >= 0;
    }

    /// {@return the interval of a term}
    ///
    /// @param variables what is known of variables
    public static Interval of(Term term, Map<Term.Variable, Interval> variables) {
        if (!term.type().equals(LoopType.INT32)) return ALL;
        return switch (term) {
            case Term.Literal l -> new Interval(l.value().longValue(), l.value().longValue());
            case Term.Variable v -> variables.getOrDefault(v, ALL);
            case Term.Parameter _, Term.GridIndex _ -> NATURAL;
            case Term.Combine(var operator, var a, var b) ->
                    combine(operator, of(a, variables), of(b, variables));
            case Term.MultiplyAdd(var a, var b, var c) ->
                    of(a, variables).times(of(b, variables)).plus(of(c, variables));
            case Term.Choose(_, var a, var b) -> of(a, variables).union(of(b, variables));
            case Term.Convert(_, var operand) ->
                    operand.type().equals(LoopType.BOOL) ? new Interval(0, 1) : ALL;
            case Term.Apply _,
                    Term.Reinterpret _,
                    Term.Splat _,
                    Term.Lane _,
                    Term.Vector _,
                    Term.Load _,
                    Term.LocalLoad _ ->
                    ALL;
        };
    }

    private static Interval combine(Binary.Operator operator, Interval a, Interval b) {
        return switch (operator) {
            case ADD -> a.plus(b);
            case SUBTRACT -> of(a.low - b.high, a.high - b.low);
            case MULTIPLY -> a.times(b);
            case DIVIDE ->
                    a.low >= 0 && b.low > 0 ? new Interval(a.low / b.high, a.high / b.low) : ALL;
            case REMAINDER ->
                    a.low >= 0 && b.low > 0 ? new Interval(0, Math.min(a.high, b.high - 1)) : ALL;
            case FLOOR_DIVIDE ->
                    b.low > 0
                            ? new Interval(
                                    Math.floorDiv(a.low, a.low < 0 ? b.low : b.high),
                                    Math.floorDiv(a.high, a.high < 0 ? b.high : b.low))
                            : ALL;
            case FLOOR_MODULO ->
                    b.low > 0
                            ? new Interval(
                                    0, a.low >= 0 ? Math.min(a.high, b.high - 1) : b.high - 1)
                            : ALL;
            case MIN -> new Interval(Math.min(a.low, b.low), Math.min(a.high, b.high));
            case MAX -> new Interval(Math.max(a.low, b.low), Math.max(a.high, b.high));
            case AND ->
                    a.low >= 0
                            ? new Interval(0, b.low >= 0 ? Math.min(a.high, b.high) : a.high)
                            : b.low >= 0 ? new Interval(0, b.high) : ALL;
            case SHIFT_RIGHT ->
                    a.low >= 0 && b.low == b.high && b.low >= 0 && b.low < 32
                            ? new Interval(a.low >> b.low, a.high >> b.low)
                            : a.low >= 0 ? new Interval(0, a.high) : ALL;
            case POWER, OR, XOR, SHIFT_LEFT, MULTIPLY_HIGH -> ALL;
            case EQUAL, LESS, LESS_OR_EQUAL -> ALL;
        };
    }

    private static Interval of(long low, long high) {
        return low < Integer.MIN_VALUE || high > Integer.MAX_VALUE ? ALL : new Interval(low, high);
    }

    private Interval plus(Interval other) {
        return of(low + other.low, high + other.high);
    }

    private Interval times(Interval other) {
        long p = low * other.low;
        long q = low * other.high;
        long r = high * other.low;
        long s = high * other.high;
        return of(
                Math.min(Math.min(p, q), Math.min(r, s)), Math.max(Math.max(p, q), Math.max(r, s)));
    }

    private Interval union(Interval other) {
        return new Interval(Math.min(low, other.low), Math.max(high, other.high));
    }
}
