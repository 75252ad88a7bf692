package io.webdnn.train;

import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;

/// How variables were computed, as a drawing for GraphViz: variables are octagons, functions are
/// boxes.
public final class ComputationalGraph {
    private static final String VARIABLE_STYLE =
            "shape=\"octagon\",fillcolor=\"#E0E0E0\",style=\"filled\"";
    private static final String FUNCTION_STYLE =
            "shape=\"record\",fillcolor=\"#6495ED\",style=\"filled\"";

    private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();
    private final List<String> nodes = new ArrayList<>();
    private final List<String> edges = new ArrayList<>();

    /// @param outputs where the way back begins
    public ComputationalGraph(List<Variable> outputs) {
        synchronized (Evaluation.LOCK) {
            var history = History.whole(outputs);
            var results = new IdentityHashMap<FunctionNode, List<Variable>>();
            for (var node : history.nodes())
                for (var input : node.inputs()) addResult(results, input);
            for (var output : outputs) addResult(results, output);
            for (var node : history.nodes()) {
                int number = function(node);
                for (var input : node.inputs()) edge(variable(input), number);
                for (var result : results.getOrDefault(node, List.of()))
                    edge(number, variable(result));
            }
        }
    }

    private static void addResult(
            IdentityHashMap<FunctionNode, List<Variable>> results, Variable variable) {
        var creator = variable.creator();
        if (creator == null) return;
        var known = results.computeIfAbsent(creator, _ -> new ArrayList<>());
        if (known.stream().noneMatch(v -> v == variable)) known.add(variable);
    }

    private int function(FunctionNode node) {
        return number(node, node.function().name(), FUNCTION_STYLE);
    }

    private int variable(Variable variable) {
        var prefix = variable.name().isEmpty() ? "" : variable.name() + ": ";
        return number(variable, prefix + label(variable.type()), VARIABLE_STYLE);
    }

    private static String label(TensorType type) {
        if (type.rank() == 0) return type.dtype().toString();
        return type.shape().dimensions().stream()
                .map(Object::toString)
                .collect(Collectors.joining(", ", "(", "), " + type.dtype()));
    }

    private int number(Object drawn, String label, String style) {
        var known = numbers.get(drawn);
        if (known != null) return known;
        int number = numbers.size() + 1;
        numbers.put(drawn, number);
        nodes.add("%d [label=\"%s\",%s];".formatted(number, label, style));
        return number;
    }

    private void edge(int from, int to) {
        edges.add(from + " -> " + to + ";");
    }

    /// {@return the drawing in GraphViz's language, on one line}
    public String dot() {
        return "digraph graphname{rankdir=TB;"
                + String.join("", nodes)
                + String.join("", edges)
                + "}";
    }
}
