package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// A function of one operand. The result has the operand's dtype, but for `IS_NAN` and
/// `IS_INFINITE`, which give bool.
public record Unary(Operator operator, Expr operand) implements Expr {
    /// The functions; floats only where integers make no sense. `NOT` is for bool, `BIT_NOT` for
    /// integers.
    public enum Operator {
        NEGATE,
        ABS,
        SIGN,
        EXP,
        LOG,
        LOG1P,
        SQRT,
        FLOOR,
        CEIL,
        /// Half to even.
        ROUND,
        SIN,
        COS,
        TAN,
        ASIN,
        ACOS,
        ATAN,
        SINH,
        COSH,
        ASINH,
        ACOSH,
        ATANH,
        TANH,
        ERF,
        NOT,
        BIT_NOT,
        IS_NAN,
        IS_INFINITE
    }

    @Override
    public DType dtype() {
        return switch (operator) {
            case IS_NAN, IS_INFINITE -> DType.BOOL;
            default -> operand.dtype();
        };
    }
}
