package io.webdnn.graph.interpret;

/// What happens when an expression that is evaluated loads outside a tensor.
public enum Bounds {
    /// The index is clamped, as compiled code does.
    CLAMPED,
    /// It is an error: since only the chosen side of a `Select` is evaluated, the model really uses
    /// the value.
    CHECKED
}
