package io.webdnn.graph.op;

import io.webdnn.graph.expr.Push;

/// One push step, whose output is the operator's only output.
public record Scatter(Push push) implements Lowering {}
