package io.webdnn.graph.op;

/// What an operator means, in one of five forms. Buffers `in.buffer(i)` of the [Operands] stand for
/// the inputs.
public sealed interface Lowering permits Compose, Compute, Scatter, Scan, Host {}
