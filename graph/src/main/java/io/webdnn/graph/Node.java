package io.webdnn.graph;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.op.KnowsExtents;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
            var operands = operands();
            var extents = op instanceof KnowsExtents shape ? shape.extents(operands) : null;
            for (var type : op.infer(operands)) {
                made.add(Value.output(name.isEmpty() ? op.name() : name, type, this, extents));
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
        for (var input : inputs) buffers.add(input.isAbsent() ? null : input.toBuffer());
        return new Operands(op.name(), buffers, extents());
    }

    /// {@return by input, what is known of the elements of vectors in terms of symbols}
    public Map<Integer, List<Dimension>> extents() {
        var known = new HashMap<Integer, List<Dimension>>();
        for (int i = 0; i < inputs.size(); i++) {
            var extents = inputs.get(i).extents();
            if (extents != null) known.put(i, extents);
        }
        return known;
    }

    @Override
    public String toString() {
        return op + (name.isEmpty() ? "" : " '" + name + "'") + inputs + " -> " + outputs;
    }
}
