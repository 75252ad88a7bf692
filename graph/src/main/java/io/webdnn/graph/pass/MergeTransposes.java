package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Transpose;
import java.util.List;

/// `Transpose(Transpose(x, p), q)` becomes `Transpose(x, p then q)`, or `x` if that is the
/// identity.
public record MergeTransposes() implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return graph.rewrite(MergeTransposes::merge);
    }

    private static List<? extends Operand> merge(Node node, Operators g) {
        if (!(node.op() instanceof Transpose second)) return node.outputs();
        var before = node.input(0).producer();
        if (before == null || !(before.op() instanceof Transpose first)) return node.outputs();
        var x = before.input(0);
        var both = first.then(second);
        return List.of(both.isIdentity() ? x : g.apply(both, x));
    }
}
