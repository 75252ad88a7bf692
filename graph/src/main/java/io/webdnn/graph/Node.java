package io.webdnn.graph;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.type.GraphException;
import java.util.ArrayList;
import java.util.List;

/// One use of an operator. Two nodes are the same only if they are the same object.
public final class Node {
    private final Op op;
    private final String name;
    private final List<Value> inputs;
    private final List<Value> outputs;

    /// Applies an operator.
    ///
    /// @param name for messages and dumps, may be empty
    /// @param inputs [Value#ABSENT] for optional ones that are not given
    /// @throws GraphException if the operator does not accept the inputs; names this node
    public Node(Op op, String name, List<Value> inputs) {
        this.op = op;
        this.name = name;
        this.inputs = List.copyOf(inputs);
        var made = new ArrayList<Value>();
        try {
            for (var type : op.infer(operands())) {
                made.add(Value.output(name.isEmpty() ? op.name() : name, type, this));
            }
        } catch (GraphException e) {
            throw name.isEmpty() ? e : e.at("'" + name + "'");
        }
        outputs = List.copyOf(made);
    }

    /// {@return the operator}
    public Op op() {
        return op;
    }

    /// {@return the name, empty if none was given}
    public String name() {
        return name;
    }

    /// {@return the inputs, [Value#ABSENT] where an optional one is not given}
    public List<Value> inputs() {
        return inputs;
    }

    /// {@return one input}
    public Value input(int i) {
        return inputs.get(i);
    }

    /// {@return the outputs}
    public List<Value> outputs() {
        return outputs;
    }

    /// {@return fresh buffers for the inputs, as inference and lowering take them}
    public Operands operands() {
        var buffers = new ArrayList<Buffer>();
        for (var input : inputs) {
            var constant = input.constant();
            if (input.isAbsent()) buffers.add(null);
            else if (constant != null) buffers.add(Buffer.constant(input.name(), constant));
            else buffers.add(Buffer.of(input.name(), input.type()));
        }
        return new Operands(op.name(), buffers);
    }

    @Override
    public String toString() {
        return op + (name.isEmpty() ? "" : " '" + name + "'") + inputs + " -> " + outputs;
    }
}
