package io.webdnn.verify.conformance;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the first node, in the graph's order, after which two targets hold different values.
///
/// After each node some values are alive: those that later nodes or the outputs read. A graph that
/// gives these instead of the network's outputs is compiled for both targets; halving finds the
/// first place at which they differ, in ⌈log₂ nodes⌉ runs of each. Up to there the graph is
/// compiled as it is in the network, fusion included.
final class FirstDifference {
    /// @param position how many nodes stand before this one
    /// @param detail what is wrong with its value
    record Found(Node node, int position, String detail) {}

    private final Graph graph;
    private final List<Tensor> inputs;
    private final Target reference;
    private final Target target;
    private final Tolerance tolerance;

    FirstDifference(Graph graph, List<Tensor> inputs, Target reference, Target target) {
        this.graph = graph;
        this.inputs = inputs;
        this.reference = reference;
        this.target = target;
        tolerance = Tolerance.ofNetwork(graph);
    }

    /// {@return the node, or nothing where the outputs are alike}
    Optional<Found> find() throws Exception {
        var nodes = graph.nodes();
        if (difference(graph.outputs()) == null) return Optional.empty();
        int alike = -1; // after this node nothing differs
        int differs = nodes.size() - 1; // after this one something does
        while (differs - alike > 1) {
            int middle = (alike + differs) >>> 1;
            if (difference(aliveAfter(middle)) == null) alike = middle;
            else differs = middle;
        }
        var detail = differs < 0 ? null : difference(nodes.get(differs).outputs());
        if (detail == null) detail = difference(aliveAfter(differs));
        return Optional.of(
                new Found(nodes.get(Math.max(0, differs)), differs, String.valueOf(detail)));
    }

    private List<Value> aliveAfter(int position) {
        var nodes = graph.nodes();
        Set<Value> read = new LinkedHashSet<>(graph.outputs());
        for (var node : nodes.subList(position + 1, nodes.size())) read.addAll(node.inputs());
        Set<Node> done = new LinkedHashSet<>(nodes.subList(0, position + 1));
        return read.stream()
                .filter(value -> value.producer() != null && done.contains(value.producer()))
                .toList();
    }

    /// {@return what the target gets wrong among some values, or null}
    private @Nullable String difference(List<Value> values) throws Exception {
        var part = Graph.of(graph.inputs(), values);
        var expected = reference.compile(part).run(inputs);
        var actual = target.compile(part).run(inputs);
        for (int i = 0; i < expected.size(); i++) {
            var wrong = tolerance.compare(widened(expected.get(i)), widened(actual.get(i)));
            if (wrong != null) return wrong;
        }
        return null;
    }

    /// Eight bits may be rounded to the neighbour, which the tolerance for reals allows of them.
    private static Tensor widened(Tensor tensor) {
        if (tensor.dtype() != DType.INT8 && tensor.dtype() != DType.UINT8) return tensor;
        var wide = Tensor.zeros(DType.FLOAT32, tensor.shape());
        for (int i = 0; i < wide.size(); i++) wide.setDouble(i, tensor.getLong(i));
        return wide;
    }
}
