package io.webdnn.graph.type;

import io.webdnn.tensor.Dimension;

/// Two sizes that must be the same in every run: a model joins tensors whose extents are written
/// differently.
///
/// @param actual what an extent is
/// @param expected what it must be
public record Equation(Dimension actual, Dimension expected) {}
