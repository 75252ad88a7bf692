package io.webdnn.graph;

import java.util.HashMap;
import java.util.Map;

/// A graph as a drawing in the DOT language of Graphviz: `dot -Tsvg graph.dot`.
///
/// Inputs and outputs are ellipses, operators boxes, arrows carry types; constants are drawn small
/// beside what reads them.
public final class GraphViz {
    private final StringBuilder text = new StringBuilder();
    private final Map<Value, String> ids = new HashMap<>();
    private int next;

    private GraphViz() {}

    /// {@return the DOT text of a graph}
    public static String of(Graph graph) {
        return new GraphViz().draw(graph);
    }

    private String draw(Graph graph) {
        text.append("digraph {\n  node [fontname=\"sans-serif\"];\n");
        for (var input : graph.inputs()) {
            ids.put(input, vertex(input.name(), "shape=ellipse"));
        }
        for (var node : graph.nodes()) {
            var label = GraphText.text(node.op());
            var id =
                    vertex(node.name().isEmpty() ? label : label + "\n" + node.name(), "shape=box");
            for (var output : node.outputs()) ids.put(output, id);
            for (var input : node.inputs()) if (!input.isAbsent()) arrow(input, id);
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            arrow(graph.outputs().get(i), vertex(graph.outputNames().get(i), "shape=ellipse"));
        }
        return text.append("}\n").toString();
    }

    private String vertex(String label, String style) {
        var id = "n" + next++;
        text.append("  " + id + " [label=" + quote(label) + ", " + style + "];\n");
        return id;
    }

    private void arrow(Value from, String to) {
        var id =
                from.constant() == null
                        ? ids.getOrDefault(from, "unknown")
                        : vertex(from.name(), "shape=plaintext, fontsize=9");
        text.append("  " + id + " -> " + to + " [label=" + quote(from.type().toString()) + "];\n");
    }

    private static String quote(String label) {
        return "\"" + label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
