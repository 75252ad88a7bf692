package io.webdnn.graph.type;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;

/// What is known of a value before anything runs: its dtype and its shape, whose extents may be
/// symbols.
public record TensorType(DType dtype, Shape shape) {
    /// {@return a type of fixed extents}
    public static TensorType of(DType dtype, int... shape) {
        return new TensorType(dtype, Shape.of(shape));
    }

    /// {@return the number of axes}
    public int rank() {
        return shape.rank();
    }

    /// {@return this with another shape}
    public TensorType with(Shape other) {
        return new TensorType(dtype, other);
    }

    /// {@return this with another dtype}
    public TensorType with(DType other) {
        return new TensorType(other, shape);
    }

    @Override
    public String toString() {
        return dtype.toString() + shape;
    }
}
