package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.Composed;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import java.util.List;

/// Nodes whose operator is a composition are replaced by its body, until none is left.
///
/// A gradient works on the body of a composition, whose values the forward pass then computes, too:
/// [MergeCommonSubexpressions] after this pass makes them one.
public record ExpandCompositions() implements Pass {
    @Override
    public Graph apply(Graph graph) {
        var expanded = graph;
        while (expanded.nodes().stream().anyMatch(ExpandCompositions::isComposition)) {
            expanded = expanded.rewrite(ExpandCompositions::expand);
        }
        return expanded;
    }

    private static boolean isComposition(Node node) {
        return node.op() instanceof Composed
                || node.op() instanceof CustomOp custom
                        && custom.lower(node.operands()) instanceof Compose;
    }

    private static List<? extends Operand> expand(Node node, Operators g) {
        return isComposition(node) && node.op().lower(node.operands()) instanceof Compose(var body)
                ? body.build(g, node.inputs())
                : node.outputs();
    }
}
