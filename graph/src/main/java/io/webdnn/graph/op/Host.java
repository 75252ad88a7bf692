package io.webdnn.graph.op;

import io.webdnn.graph.expr.HostCall;

/// A Java function, for what has no expression: shapes that depend on data, strings.
public record Host(HostCall call) implements Lowering {}
