package io.webdnn.graph;

import io.webdnn.graph.op.Op;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// A graph as text, a line for each input, constant, node and output; equal graphs give equal text.
///
/// ```
/// input x: float32[N, 784]
/// constant fc.W: float32[10, 784]
/// fc: float32[N, 10] = Gemm[alpha=1.0, beta=1.0, transA=false, transB=true](x, fc.W)
/// output y = fc
/// ```
///
/// A value without a name, or whose name is taken, gets one from its operator and a number.
/// Constants of up to eight elements show them.
public final class GraphText {
    private static final int SHOWN = 8;

    private final Map<Value, String> names = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> counts = new HashMap<>();

    private GraphText() {}

    /// {@return the text of a graph}
    public static String of(Graph graph) {
        return String.join("\n", new GraphText().lines(graph)) + "\n";
    }

    private List<String> lines(Graph graph) {
        var lines = new ArrayList<String>();
        for (var input : graph.inputs()) {
            lines.add("input " + name(input, "input") + ": " + input.type());
        }
        for (var node : graph.nodes()) {
            for (var input : node.inputs()) constant(input, lines);
            var arguments =
                    node.inputs().stream()
                            .map(v -> v.isAbsent() ? "-" : name(v, "value"))
                            .collect(Collectors.joining(", ", "(", ")"));
            var results =
                    node.outputs().stream()
                            .map(v -> name(v, node.op().name()) + ": " + v.type())
                            .collect(Collectors.joining(", "));
            lines.add(results + " = " + text(node.op()) + arguments);
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            var value = graph.outputs().get(i);
            constant(value, lines);
            lines.add("output " + graph.outputNames().get(i) + " = " + name(value, "value"));
        }
        return lines;
    }

    private void constant(Value value, List<String> lines) {
        var tensor = value.constant();
        if (tensor == null || names.containsKey(value)) return;
        lines.add("constant " + name(value, "constant") + ": " + value.type() + contents(tensor));
    }

    private static String contents(Tensor tensor) {
        if (tensor.size() > SHOWN || !tensor.dtype().isNumeric()) return "";
        var elements = new ArrayList<String>();
        for (int i = 0; i < tensor.size(); i++) {
            elements.add(
                    tensor.dtype().isFloat()
                            ? String.valueOf(tensor.getDouble(i))
                            : String.valueOf(tensor.getLong(i)));
        }
        return " = " + elements;
    }

    /// {@return an operator with its attributes, if it has any}
    static String text(Op op) {
        if (!(op instanceof Record)) return op.name();
        var text = op.toString();
        return text.endsWith("[]") ? text.substring(0, text.length() - 2) : text;
    }

    private String name(Value value, String otherwise) {
        var known = names.get(value);
        if (known != null) return known;
        var base = value.name().isEmpty() ? otherwise : value.name();
        var name = base;
        while (!taken.add(name)) name = base + "." + counts.merge(base, 2, (n, _) -> n + 1);
        names.put(value, name);
        return name;
    }
}
