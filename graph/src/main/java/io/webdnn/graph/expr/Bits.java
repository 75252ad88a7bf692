package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// The bits of a float32 as an int32, of a float64 as an int64, or the other way round.
public record Bits(DType dtype, Expr operand) implements Expr {
    public Bits {
        boolean fits =
                switch (dtype) {
                    case INT32 -> operand.dtype() == DType.FLOAT32;
                    case INT64 -> operand.dtype() == DType.FLOAT64;
                    case FLOAT32 -> operand.dtype() == DType.INT32;
                    case FLOAT64 -> operand.dtype() == DType.INT64;
                    default -> false;
                };
        if (!fits)
            throw new IllegalArgumentException(
                    "Bits: expected a float and the signed integer of its width, got "
                            + operand.dtype()
                            + " and "
                            + dtype);
    }
}
