package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Unsqueeze;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// `BatchNormalization(Conv(x, W, B), scale, bias, mean, var)` becomes `Conv(x, W·f, (B − mean)·f +
/// bias)` with `f = scale / √(var + ε)`, and likewise for `Gemm`, where all but x are constants and
/// nothing else reads the product.
///
/// The new weights are nodes over constants: [FoldConstants] is to follow.
public record FoldBatchNormalization() implements Pass {
    @Override
    public Graph apply(Graph graph) {
        var uses = new HashMap<Value, Integer>();
        for (var node : graph.nodes()) for (var v : node.inputs()) uses.merge(v, 1, Integer::sum);
        for (var output : graph.outputs()) uses.merge(output, 1, Integer::sum);
        var originals = graph.nodes().iterator(); // the rule is given them in this order
        return graph.rewrite((node, g) -> fold(node, g, originals, uses));
    }

    private static List<? extends Operand> fold(
            Node node, Operators g, Iterator<Node> originals, Map<Value, Integer> uses) {
        var original = originals.next();
        if (!(node.op() instanceof BatchNormalization(var epsilon))) return node.outputs();
        var product = node.input(0).producer();
        if (product == null || uses.getOrDefault(original.input(0), 0) != 1) return node.outputs();
        if (!areConstant(node, 1) || !areConstant(product, 1)) return node.outputs();
        var axis = channels(product);
        if (axis == null) return node.outputs();
        var dtype = node.input(0).type().dtype();
        var deviation = g.apply(new Sqrt(), g.add(node.input(4), g.scalar(dtype, epsilon)));
        var factor = g.div(node.input(1), deviation);
        var w = product.input(1);
        var others = LongStream.range(0, w.type().rank()).filter(d -> d != axis).toArray();
        var scaled = g.mul(w, g.apply(new Unsqueeze(), factor, g.vector(others)));
        Operand shift = node.input(3);
        boolean hasBias = product.inputs().size() > 2 && !product.input(2).isAbsent();
        var centred = hasBias ? g.sub(product.input(2), shift) : g.sub(g.scalar(dtype, 0), shift);
        var bias = g.add(g.mul(centred, factor), node.input(2));
        var inputs = new ArrayList<Operand>(List.of(product.input(0), scaled, bias));
        return g.applyAll(product.op(), inputs);
    }

    private static boolean areConstant(Node node, int from) {
        return node.inputs().stream()
                .skip(from)
                .allMatch(v -> v.isAbsent() || v.constant() != null);
    }

    /// The axis of the weights that the channels of the product run along, null for an operator
    /// that is no such product.
    private static @Nullable Integer channels(Node product) {
        return switch (product.op()) {
            case Conv _ -> 0;
            case Gemm(var alpha, var beta, _, var transB) when alpha == 1 && beta == 1 -> {
                boolean isVector =
                        product.inputs().size() < 3
                                || product.input(2).isAbsent()
                                || product.input(2).type().rank() <= 1;
                yield isVector ? transB ? 0 : 1 : null;
            }
            default -> null;
        };
    }
}
