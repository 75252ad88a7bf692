package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.op.Compute;
import io.webdnn.graph.op.KnowsExtents;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import java.util.List;

/// Nodes that give their input unchanged go: `Identity`, a `Cast` to the same dtype, a `Reshape` or
/// `Expand` to the same shape, a `Transpose` that moves nothing, a `Slice` of everything.
///
/// None of them is known here by name: an identity is what lowers to `y[o…] = x[o…]` with types
/// that are equal.
public record RemoveIdentities() implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return graph.rewrite(RemoveIdentities::forward);
    }

    private static List<? extends Operand> forward(Node node, Operators g) {
        // what it knows of its elements would be lost
        if (node.outputs().size() != 1 || node.op() instanceof KnowsExtents) return node.outputs();
        var type = node.outputs().getFirst().type();
        if (node.inputs().stream().noneMatch(v -> !v.isAbsent() && v.type().equals(type))) {
            return node.outputs();
        }
        var in = node.operands();
        if (!(node.op().lower(in) instanceof Compute(var stages, _) && stages.size() == 1)) {
            return node.outputs();
        }
        var stage = stages.getFirst();
        if (!(stage.outputs().getFirst().value() instanceof Load(var buffer, var index)
                && index.equals(stage.domain()))) {
            return node.outputs();
        }
        for (int i = 0; i < in.count(); i++) {
            if (in.has(i) && in.buffer(i) == buffer && in.type(i).equals(type)) {
                return List.of(node.input(i));
            }
        }
        return node.outputs();
    }
}
