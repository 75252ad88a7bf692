package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;

/// Short names for the terms that templates are written in; folds integer constants so that emitted
/// code stays readable.
public final class Build {
    private Build() {}

    /// {@return an int32 literal}
    public static Term constant(long value) {
        return new Term.Literal(LoopType.INT32, value);
    }

    /// {@return a literal of a type, in all its lanes}
    public static Term constant(LoopType type, double value) {
        var scalar =
                type.scalar().isFloat()
                        ? new Term.Literal(type.withLanes(1), value)
                        : new Term.Literal(type.withLanes(1), (long) value);
        return type.lanes() == 1 ? scalar : new Term.Splat(scalar);
    }

    private static boolean is(Term term, long value) {
        return term instanceof Term.Literal l
                && l.value() instanceof Long v
                && v == value
                && l.type().scalar() != ScalarType.BOOL;
    }

    /// {@return a + b}
    public static Term add(Term a, Term b) {
        if (is(a, 0)) return b;
        if (is(b, 0)) return a;
        if (a instanceof Term.Literal(var type, Long x)
                && b instanceof Term.Literal(_, Long y)
                && type.equals(LoopType.INT32)) {
            return constant(x + y);
        }
        return new Term.Combine(Binary.Operator.ADD, a, b);
    }

    /// {@return a · b}
    public static Term multiply(Term a, Term b) {
        if (is(a, 1)) return b;
        if (is(b, 1)) return a;
        if (is(a, 0)) return a;
        if (is(b, 0)) return b;
        if (a instanceof Term.Literal(var type, Long x)
                && b instanceof Term.Literal(_, Long y)
                && type.equals(LoopType.INT32)) {
            return constant(x * y);
        }
        return new Term.Combine(Binary.Operator.MULTIPLY, a, b);
    }

    /// {@return a · b for int32}
    public static Term multiply(Term a, long b) {
        return multiply(a, constant(b));
    }

    /// {@return a + b for int32}
    public static Term add(Term a, long b) {
        return add(a, constant(b));
    }

    /// {@return a / b for non-negative a and positive b}
    public static Term divide(Term a, Term b) {
        if (is(b, 1)) return a;
        return new Term.Combine(Binary.Operator.DIVIDE, a, b);
    }

    /// {@return a mod b for non-negative a and positive b}
    public static Term remainder(Term a, Term b) {
        if (is(b, 1)) return constant(0);
        return new Term.Combine(Binary.Operator.REMAINDER, a, b);
    }

    /// {@return whether a < b}
    public static Term less(Term a, Term b) {
        return new Term.Combine(Binary.Operator.LESS, a, b);
    }

    /// {@return both}
    public static Term and(Term a, Term b) {
        return new Term.Combine(Binary.Operator.AND, a, b);
    }
}
