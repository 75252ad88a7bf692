package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;
import java.util.List;

/// The element of a buffer at one int32 index per axis (never a flat offset: flattening is a matter
/// of layout).
public record Load(Buffer buffer, List<Expr> index) implements Expr {
    public Load {
        index = List.copyOf(index);
        if (index.size() != buffer.type().rank()) {
            throw new IllegalArgumentException(
                    "Load: "
                            + buffer
                            + ": expected "
                            + buffer.type().rank()
                            + " indices for "
                            + buffer.type()
                            + ", got "
                            + index.size());
        }
        for (var i : index) {
            if (i.dtype() != DType.INT32) {
                throw new IllegalArgumentException(
                        "Load: " + buffer + ": expected int32 indices, got " + i.dtype());
            }
        }
    }

    @Override
    public DType dtype() {
        return buffer.type().dtype();
    }
}
