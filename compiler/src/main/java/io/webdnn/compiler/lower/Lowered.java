package io.webdnn.compiler.lower;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Step;
import java.util.List;

/// A graph as steps over buffers: nothing after this knows operators.
///
/// @param inputs the buffers of the graph's inputs, in order
/// @param outputs the buffers of the graph's outputs, in order: all different, each written by a
///   step
/// @param operations the steps in an order in which each stands after the writers of what it reads
public record Lowered(List<Buffer> inputs, List<Buffer> outputs, List<Operation> operations) {
    /// A step, and for messages and reports what it came from.
    ///
    /// @param origin the nodes: `Conv 'conv1' + Relu`
    public record Operation(Step step, String origin) {}

    public Lowered {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        operations = List.copyOf(operations);
    }
}
