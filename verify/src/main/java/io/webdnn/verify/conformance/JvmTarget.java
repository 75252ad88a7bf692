package io.webdnn.verify.conformance;

import io.webdnn.graph.Graph;

/// The compiler's code for the JVM.
public final class JvmTarget implements Target {
    @Override
    public String name() {
        return "jvm";
    }

    @Override
    public Tolerance tolerance() {
        return Tolerance.EXACT_ARITHMETIC;
    }

    @Override
    public Program compile(Graph graph) {
        var program = io.webdnn.compiler.Program.compile(graph);
        return program::run;
    }
}
