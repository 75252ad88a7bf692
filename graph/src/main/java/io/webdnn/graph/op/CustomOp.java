package io.webdnn.graph.op;

/// A user's operator: implement `infer` and a `lower` that gives a [Compose] or a [Compute]; every
/// target and the gradient follow.
///
/// Use a record, so that equal operators are equal and kernels can be shared.
public non-sealed interface CustomOp extends Op {}
