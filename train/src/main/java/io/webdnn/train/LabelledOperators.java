package io.webdnn.train;

import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.ValueOperators;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import java.util.ArrayList;
import java.util.List;

/// Applies operators in nodes that carry the name of a link.
record LabelledOperators(String label) implements ValueOperators {
    @Override
    public List<Value> applyAll(Op op, List<? extends Operand> inputs) {
        var values = new ArrayList<Value>();
        for (var input : inputs) values.add((Value) input);
        return new Node(op, label, values).outputs();
    }
}
