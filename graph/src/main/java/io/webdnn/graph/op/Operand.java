package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;

/// A value that an operator can be applied to, while a graph is being built.
public interface Operand {
    /// {@return its dtype and shape}
    TensorType type();

    /// {@return whether this stands for an optional input that is not given}
    boolean isAbsent();
}
