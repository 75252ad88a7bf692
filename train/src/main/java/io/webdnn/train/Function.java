package io.webdnn.train;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import java.util.List;

/// What one step of a history computes, in terms of operators.
///
/// A function is its attributes: two that are equal are compiled once. Use a record.
public interface Function {
    /// {@return the name that graphs and messages show, such as `LinearFunction`}
    String name();

    /// Checks the inputs and applies operators to them.
    ///
    /// @return the outputs
    /// @throws io.webdnn.graph.type.GraphException if the inputs do not fit
    List<? extends Operand> build(Operators g, List<? extends Operand> inputs);
}
