package io.webdnn.importer.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Puts the nodes of a graph in an order in which each stands after what it reads. ONNX asks files
/// for that, and for names that are defined once, but optimizers write others: of several
/// definitions the last one counts, as in ONNX Runtime.
final class NodeOrder {
    private NodeOrder() {}

    /// {@return the nodes, in the order of the file as far as that goes}
    ///
    /// @param known the names of inputs and initializers
    /// @param file for messages
    /// @throws io.webdnn.graph.type.GraphException if a node depends on itself
    static List<OnnxNode> of(List<OnnxNode> nodes, Set<String> known, String file) {
        var producers = new HashMap<String, OnnxNode>();
        for (var node : nodes) for (var output : named(node)) producers.put(output, node);
        var order = new ArrayList<OnnxNode>();
        var done = new HashSet<Integer>();
        var begun = new HashSet<Integer>();
        var stack = new ArrayDeque<OnnxNode>(); // no recursion: graphs are deep
        for (var first : nodes) {
            if (isReplaced(first, producers)) continue;
            stack.push(first);
            while (!stack.isEmpty()) {
                var node = stack.peek();
                if (done.contains(node.index())) {
                    stack.pop();
                    continue;
                }
                boolean ready = true;
                for (var input : node.inputs()) {
                    var before = known.contains(input) ? null : producers.get(input);
                    if (before == null || done.contains(before.index())) continue;
                    if (begun.contains(before.index()) || before.index() == node.index())
                        throw node.wrong(
                                        "input",
                                        "no value that depends on the node",
                                        "'" + input + "'")
                                .at(node.place(file));
                    stack.push(before);
                    ready = false;
                    break;
                }
                if (ready) {
                    begun.remove(node.index());
                    done.add(node.index());
                    order.add(node);
                    stack.pop();
                } else begun.add(node.index());
            }
        }
        return order;
    }

    /// {@return the outputs that are not left out}
    private static List<String> named(OnnxNode node) {
        return node.outputs().stream().filter(name -> !name.isEmpty()).toList();
    }

    private static boolean isReplaced(OnnxNode node, Map<String, OnnxNode> producers) {
        return !named(node).isEmpty()
                && named(node).stream()
                        .map(producers::get)
                        .allMatch(p -> p != null && p.index() != node.index());
    }
}
