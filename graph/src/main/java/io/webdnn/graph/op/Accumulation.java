package io.webdnn.graph.op;

import io.webdnn.tensor.DType;

/// The dtype in which an operator keeps sums that it stores between its stages.
final class Accumulation {
    private Accumulation() {}

    /// {@return float32 for narrower floats, whose sums would overflow or stand still; else the
    /// dtype itself}
    static DType of(DType dtype) {
        return dtype.isFloat() && dtype.bits() < 32 ? DType.FLOAT32 : dtype;
    }
}
