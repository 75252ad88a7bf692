package io.webdnn.train;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Operand;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

/// Turns a history into a graph: for programs, and for conversion.
final class HistoryGraph {
    private final IdentityHashMap<FunctionNode, List<? extends Operand>> outputs =
            new IdentityHashMap<>();
    private final History history;
    private final List<Value> leaves = new ArrayList<>();

    /// @param leaf what stands for a leaf
    HistoryGraph(History history, java.util.function.Function<Variable, Value> leaf) {
        this.history = history;
        for (var variable : history.leaves()) leaves.add(leaf.apply(variable));
        for (var node : history.nodes()) {
            var inputs = node.inputs().stream().map(this::value).toList();
            outputs.put(node, node.function().build(new LabelledOperators(node.label()), inputs));
        }
    }

    /// {@return the values of the leaves}
    List<Value> leaves() {
        return leaves;
    }

    /// {@return what stands for a variable of the history}
    Value value(Variable variable) {
        var creator = history.creatorToVisit(variable);
        if (creator == null) return leaves.get((int) history.reference(variable));
        return Value.of(Objects.requireNonNull(outputs.get(creator)).get(variable.outputIndex()));
    }

    /// {@return the graph from the given leaves to the wanted variables}
    Graph graph(List<Value> inputs, List<Variable> wanted, List<String> names) {
        return new Graph(inputs, wanted.stream().map(this::value).toList(), names);
    }
}
