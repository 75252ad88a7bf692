package io.webdnn.graph.op;

import java.util.List;

/// The operator as a small graph of other operators.
public record Compose(Body body) implements Lowering {
    /// Builds the graph.
    @FunctionalInterface
    public interface Body {
        /// {@return the outputs, built with `g` from the operator's inputs (absent ones are
        /// [Operand#isAbsent])}
        List<? extends Operand> build(Operators g, List<? extends Operand> inputs);
    }

    /// {@return a composition}
    public static Compose of(Body body) {
        return new Compose(body);
    }
}
