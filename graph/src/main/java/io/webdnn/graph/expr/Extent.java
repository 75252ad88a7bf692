package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;

/// A symbolic dimension as an int32 value, known when a run starts.
public record Extent(Dimension dimension) implements Expr {
    @Override
    public DType dtype() {
        return DType.INT32;
    }
}
