package io.webdnn.verify.operator;

import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Op;
import io.webdnn.tensor.Tensor;
import java.util.List;

/// One operator on some inputs, and what it must give; knows no target.
///
/// @param name unique within the suite: operator and what is special about the inputs
/// @param op for messages; the graph has it as its only node
/// @param graph inputs that are known when compiling are constants in it
/// @param inputs those of the graph, in order
/// @param expected the graph's outputs
public record OperatorCase(
        String name, Op op, Graph graph, List<Tensor> inputs, List<Tensor> expected) {
    public OperatorCase {
        inputs = List.copyOf(inputs);
        expected = List.copyOf(expected);
    }

    @Override
    public String toString() {
        return name;
    }
}
