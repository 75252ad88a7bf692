package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;

/// A loop variable `0 ≤ i < extent` of dtype int32. Two indices are the same only if they are the
/// same object.
public final class Index implements Expr {
    private final String name;
    private final Dimension extent;

    public Index(String name, Dimension extent) {
        this.name = name;
        this.extent = extent;
    }

    /// {@return the name, for readers; it need not be unique}
    public String name() {
        return name;
    }

    /// {@return the number of values it takes}
    public Dimension extent() {
        return extent;
    }

    /// {@return a new index of the same name and extent}
    public Index fresh() {
        return new Index(name, extent);
    }

    @Override
    public DType dtype() {
        return DType.INT32;
    }

    @Override
    public String toString() {
        return name;
    }
}
