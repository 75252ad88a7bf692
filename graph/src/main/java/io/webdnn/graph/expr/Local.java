package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// A named scalar that a [Let] or an [Accumulator] binds. Two locals are the same only if they are
/// the same object.
public final class Local implements Expr {
    private final String name;
    private final DType dtype;

    public Local(String name, DType dtype) {
        this.name = name;
        this.dtype = dtype;
    }

    /// {@return the name, for readers; it need not be unique}
    public String name() {
        return name;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public String toString() {
        return name;
    }
}
