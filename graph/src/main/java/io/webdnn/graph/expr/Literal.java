package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// A constant. `value` is a [Long] for integers and bool (0 or 1), a [Double] for floats.
public record Literal(DType dtype, Number value) implements Expr {
    public Literal {
        if (!(value instanceof Long && !dtype.isFloat()
                || value instanceof Double && dtype.isFloat())) {
            throw new IllegalArgumentException(
                    "Literal: value: expected a number for " + dtype + ", got " + value);
        }
    }

    /// {@return an integer or bool literal, or a float of that value}
    public static Literal of(DType dtype, long value) {
        return dtype.isFloat() ? new Literal(dtype, (double) value) : new Literal(dtype, value);
    }

    /// {@return a literal of the given value}
    public static Literal of(DType dtype, double value) {
        return dtype.isFloat() ? new Literal(dtype, value) : new Literal(dtype, (long) value);
    }

    /// {@return the bool literals}
    public static Literal of(boolean value) {
        return new Literal(DType.BOOL, value ? 1L : 0L);
    }

    /// {@return whether this equals the given number}
    public boolean is(double number) {
        return value.doubleValue() == number;
    }
}
