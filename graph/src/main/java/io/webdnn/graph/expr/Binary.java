package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// A function of two operands of one dtype. Comparisons give bool, the others the operands' dtype.
public record Binary(Operator operator, Expr left, Expr right) implements Expr {
    /// The functions. There are two integer divisions on purpose: `DIVIDE`/`REMAINDER` truncate,
    /// `FLOOR_*` floor.
    public enum Operator {
        ADD,
        SUBTRACT,
        MULTIPLY,
        /// Floats divide; integers truncate towards zero.
        DIVIDE,
        /// The rest of `DIVIDE`: it has the sign of the dividend, for floats too.
        REMAINDER,
        FLOOR_DIVIDE,
        /// The rest of `FLOOR_DIVIDE`: it has the sign of the divisor, for floats too.
        FLOOR_MODULO,
        MIN,
        MAX,
        /// `x^y`; integers by multiplication, a negative base with a whole exponent is defined.
        POWER,
        /// Of bool, or of the bits of integers.
        AND,
        OR,
        XOR,
        SHIFT_LEFT,
        /// Arithmetic for signed, logical for unsigned integers.
        SHIFT_RIGHT,
        /// The upper 32 bits of the 64-bit product of two uint32 (for counter-based random
        /// numbers).
        MULTIPLY_HIGH,
        EQUAL,
        LESS,
        LESS_OR_EQUAL;

        /// {@return whether the result is bool}
        public boolean isComparison() {
            return this == EQUAL || this == LESS || this == LESS_OR_EQUAL;
        }
    }

    public Binary {
        if (left.dtype() != right.dtype()) {
            throw new IllegalArgumentException(
                    operator
                            + ": expected operands of one dtype, got "
                            + left.dtype()
                            + " and "
                            + right.dtype());
        }
    }

    @Override
    public DType dtype() {
        return operator.isComparison() ? DType.BOOL : left.dtype();
    }
}
