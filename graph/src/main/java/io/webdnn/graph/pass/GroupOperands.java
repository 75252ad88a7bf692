package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import java.util.ArrayList;
import java.util.List;

/// Before: a [Concat] of more operands than a kernel may read.
///
/// After: one of concatenations of so many.
///
/// @param most how many operands an operator may have, ≥ 2
public record GroupOperands(int most) implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return graph.rewrite(this::group);
    }

    private List<? extends Operand> group(Node node, Operators g) {
        List<Operand> operands = new ArrayList<>(node.inputs());
        if (!(node.op() instanceof Concat) || operands.size() <= most) return node.outputs();
        while (operands.size() > most) {
            var groups = new ArrayList<Operand>();
            for (int i = 0; i < operands.size(); i += most) {
                var group = operands.subList(i, Math.min(i + most, operands.size()));
                groups.add(
                        group.size() == 1
                                ? group.getFirst()
                                : g.applyAll(node.op(), group).getFirst());
            }
            operands = groups;
        }
        return g.applyAll(node.op(), operands);
    }
}
