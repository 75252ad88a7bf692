package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.pass.ExpandCompositions;
import io.webdnn.graph.pass.FoldConstants;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The nodes of a body cut out of the graph around it: what depends on the step stays inside, all
/// else is computed before and read.
final class LoopBody {
    private final List<Value> inputs;
    private final List<Value> read = new ArrayList<>();
    private final List<Value> readers = new ArrayList<>();
    private final Map<Value, Value> inside = new HashMap<>();
    private final Graph graph;

    /// @param inputs what stands for the step and the states
    LoopBody(List<Value> inputs, List<Value> outputs) {
        this.inputs = inputs;
        inputs.forEach(input -> inside.put(input, input));
        for (var node : Graph.of(List.of(), outputs).nodes())
            if (node.inputs().stream().anyMatch(inside::containsKey)) copy(node);
        var results = outputs.stream().map(this::inside).toList();
        var all = new ArrayList<>(this.inputs);
        all.addAll(readers);
        var whole = Graph.of(all, results);
        graph =
                new FoldConstants()
                        .apply(new ExpandCompositions().apply(new FoldConstants().apply(whole)));
    }

    private void copy(Node node) {
        var operands = node.inputs().stream().map(this::inside).toList();
        var copy = new Node(node.op(), node.name(), operands);
        for (int i = 0; i < node.outputs().size(); i++)
            inside.put(node.outputs().get(i), copy.outputs().get(i));
    }

    private Value inside(Value value) {
        if (value.isAbsent() || value.constant() != null) return value;
        return inside.computeIfAbsent(
                value,
                v -> {
                    var reader = Value.input("read." + read.size(), v.type());
                    read.add(v);
                    readers.add(reader);
                    return reader;
                });
    }

    /// {@return from the inputs, and from what is read of outside, to the outputs}
    Graph graph() {
        return graph;
    }

    /// {@return what is read of outside}
    List<Value> read() {
        return read;
    }
}
