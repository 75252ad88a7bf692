package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import java.util.Map;
import java.util.Objects;

/// Bounds of an int32 term, both included. Where a result may wrap, nothing is known of it.
///
/// @param low not above any value
/// @param high not below any value
/// @param isIndex whether the term is made of nothing but indices, sizes and literals: such terms
///   do not wrap, or no tensor could be as large
public record Interval(long low, long high, boolean isIndex) {
    /// Nothing is known.
    public static final Interval ALL = new Interval(Integer.MIN_VALUE, Integer.MAX_VALUE, false);

    private static final long MOST_GROUPS = 65_535;

    /// {@return an index from 0 to before a limit}
    static Interval below(long limit) {
        return new Interval(0, Math.max(0, Math.min(limit - 1, Integer.MAX_VALUE)), true);
    }

    /// {@return whether no value is negative}
    public boolean isNatural() {
        return low >= 0;
    }

    /// {@return the interval of a loop's index}
    public static Interval ofLoop(Term extent, Map<Term.Variable, Interval> variables, Grid grid) {
        return below(of(extent, variables, grid).high);
    }

    /// {@return the interval of a term}
    ///
    /// @param variables what is known of variables
    /// @param grid the kernel's
    public static Interval of(Term term, Map<Term.Variable, Interval> variables, Grid grid) {
        if (!term.type().equals(LoopType.INT32)) return ALL;
        return switch (term) {
            case Term.Literal l -> new Interval(l.value().longValue(), l.value().longValue(), true);
            case Term.Variable v -> variables.getOrDefault(v, ALL);
            case Term.Parameter _ -> below(1L << 31);
            case Term.GridIndex(var scope, var axis) -> ofGrid(scope, axis, grid);
            case Term.Combine(var operator, var a, var b) ->
                    combine(operator, of(a, variables, grid), of(b, variables, grid));
            case Term.MultiplyAdd(var a, var b, var c) ->
                    of(a, variables, grid)
                            .times(of(b, variables, grid))
                            .plus(of(c, variables, grid));
            case Term.Choose(_, var a, var b) ->
                    of(a, variables, grid).union(of(b, variables, grid));
            case Term.Convert(_, var operand) ->
                    operand.type().equals(LoopType.BOOL) ? new Interval(0, 1, false) : ALL;
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

    private static Interval ofGrid(Term.GridIndex.Scope scope, int axis, Grid grid) {
        if (axis >= grid.workgroup().size()) return below(1L << 31);
        long size = grid.workgroup().get(axis);
        var groups = axis < grid.groups().size() ? grid.groups().get(axis) : null;
        boolean isFixed = groups != null && groups.isFixed();
        // the one axis of a grid may be spread over two
        long count =
                isFixed
                        ? Objects.requireNonNull(groups).value()
                        : grid.groups().size() == 1 ? 1L << 31 : MOST_GROUPS;
        return switch (scope) {
            case LOCAL -> below(size);
            case GROUP -> below(count);
            // a grid that is spread over two axes may be longer than asked for
            case GLOBAL ->
                    grid.groups().size() == 1 && count > MOST_GROUPS
                            ? below(1L << 31)
                            : below(count * size);
        };
    }

    private static Interval combine(Binary.Operator operator, Interval a, Interval b) {
        boolean isIndex = a.isIndex && b.isIndex;
        return switch (operator) {
            case ADD -> a.plus(b);
            case SUBTRACT -> of(a.low - b.high, a.high - b.low, isIndex);
            case MULTIPLY -> a.times(b);
            case DIVIDE ->
                    a.low >= 0 && b.low > 0
                            ? new Interval(a.low / b.high, a.high / b.low, isIndex)
                            : ALL;
            case REMAINDER ->
                    a.low >= 0 && b.low > 0
                            ? new Interval(0, Math.min(a.high, b.high - 1), isIndex)
                            : ALL;
            case FLOOR_DIVIDE ->
                    b.low > 0
                            ? new Interval(
                                    Math.floorDiv(a.low, a.low < 0 ? b.low : b.high),
                                    Math.floorDiv(a.high, a.high < 0 ? b.high : b.low),
                                    isIndex)
                            : ALL;
            case FLOOR_MODULO ->
                    b.low > 0
                            ? new Interval(
                                    0,
                                    a.low >= 0 ? Math.min(a.high, b.high - 1) : b.high - 1,
                                    isIndex)
                            : ALL;
            case MIN -> new Interval(Math.min(a.low, b.low), Math.min(a.high, b.high), isIndex);
            case MAX -> new Interval(Math.max(a.low, b.low), Math.max(a.high, b.high), isIndex);
            case AND ->
                    a.low >= 0
                            ? new Interval(
                                    0, b.low >= 0 ? Math.min(a.high, b.high) : a.high, isIndex)
                            : b.low >= 0 ? new Interval(0, b.high, isIndex) : ALL;
            case SHIFT_RIGHT ->
                    a.low >= 0 && b.low == b.high && b.low >= 0 && b.low < 32
                            ? new Interval(a.low >> b.low, a.high >> b.low, isIndex)
                            : a.low >= 0 ? new Interval(0, a.high, isIndex) : ALL;
            case POWER, OR, XOR, SHIFT_LEFT, MULTIPLY_HIGH -> ALL;
            case EQUAL, LESS, LESS_OR_EQUAL -> ALL;
        };
    }

    private static Interval of(long low, long high, boolean isIndex) {
        boolean fits = low >= Integer.MIN_VALUE && high <= Integer.MAX_VALUE;
        if (fits) return new Interval(low, high, isIndex);
        if (!isIndex) return ALL;
        return new Interval(
                Math.max(low, Integer.MIN_VALUE), Math.min(high, Integer.MAX_VALUE), true);
    }

    private Interval plus(Interval other) {
        return of(low + other.low, high + other.high, isIndex && other.isIndex);
    }

    private Interval times(Interval other) {
        long p = low * other.low;
        long q = low * other.high;
        long r = high * other.low;
        long s = high * other.high;
        return of(
                Math.min(Math.min(p, q), Math.min(r, s)),
                Math.max(Math.max(p, q), Math.max(r, s)),
                isIndex && other.isIndex);
    }

    private Interval union(Interval other) {
        return new Interval(
                Math.min(low, other.low), Math.max(high, other.high), isIndex && other.isIndex);
    }
}
