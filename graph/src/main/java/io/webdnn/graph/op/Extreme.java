package io.webdnn.graph.op;

import io.webdnn.graph.expr.Literal;
import io.webdnn.tensor.DType;

/// The ends of a dtype's values.
final class Extreme {
    private Extreme() {}

    /// {@return −∞, or the least integer, or false}
    static Literal lowest(DType dtype) {
        return switch (dtype.kind()) {
            case FLOAT -> Literal.of(dtype, Double.NEGATIVE_INFINITY);
            case SIGNED -> Literal.of(dtype, -1L << (dtype.bits() - 1));
            case UNSIGNED, BOOL -> Literal.of(dtype, 0L);
            case COMPLEX, STRING -> throw new IllegalArgumentException("Extreme: " + dtype);
        };
    }

    /// {@return ∞, or the greatest integer, or true}
    static Literal highest(DType dtype) {
        return switch (dtype.kind()) {
            case FLOAT -> Literal.of(dtype, Double.POSITIVE_INFINITY);
            case SIGNED -> Literal.of(dtype, ~(-1L << (dtype.bits() - 1)));
            case UNSIGNED -> Literal.of(dtype, -1L >>> (64 - dtype.bits()));
            case BOOL -> Literal.of(true);
            case COMPLEX, STRING -> throw new IllegalArgumentException("Extreme: " + dtype);
        };
    }
}
