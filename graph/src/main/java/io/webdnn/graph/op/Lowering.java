package io.webdnn.graph.op;

/// What an operator means, in one of six forms. Buffers `in.buffer(i)` of the [Operands] stand for
/// the inputs.
public sealed interface Lowering permits Compose, Compute, Scatter, Scan, Measured, Host {}
