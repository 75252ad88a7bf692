package io.webdnn.graph.op;

/// What becomes of the losses of single elements.
public enum LossReduction {
    /// They are the result.
    NONE,
    /// Their sum.
    SUM,
    /// Their sum, divided by the sum of the weights of the elements that count.
    MEAN
}
