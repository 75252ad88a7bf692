package io.webdnn.verify.conformance;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;

/// The reference interpreter.
public final class InterpreterTarget implements Target {
    @Override
    public String name() {
        return "interpreter";
    }

    @Override
    public Tolerance tolerance() {
        return Tolerance.EXACT_ARITHMETIC;
    }

    @Override
    public Program compile(Graph graph) {
        return inputs -> Interpreter.run(graph, inputs);
    }
}
