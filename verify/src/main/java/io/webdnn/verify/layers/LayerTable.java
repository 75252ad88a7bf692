package io.webdnn.verify.layers;

import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.Target;
import io.webdnn.graph.Graph;
import io.webdnn.train.keras.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The layers of Keras, which targets take them, and which are trained: what stands between two
/// marks of a page.
final class LayerTable {
    private static final String BEGIN = "<!-- made by webdnn keras-layers -->";
    private static final String END = "<!-- end -->";

    private LayerTable() {}

    /// {@return the page with a new table}
    static String into(String page) {
        int from = page.indexOf(BEGIN);
        int to = page.indexOf(END);
        if (from < 0 || to < from)
            throw new IllegalArgumentException("expected a line " + BEGIN + " and a line " + END);
        return page.substring(0, from) + BEGIN + "\n" + table() + page.substring(to);
    }

    private static String table() {
        var heads = new ArrayList<>(List.of("layer"));
        for (var target : Target.values()) heads.add(target.name().toLowerCase(Locale.ROOT));
        heads.add("trained");
        var table = new StringBuilder();
        row(table, heads);
        row(table, heads.stream().map(_ -> "---").toList());
        for (var sample : LayerSample.all()) {
            var cells = new ArrayList<>(List.of(sample.kind()));
            var graph = sample.graph();
            for (var target : Target.values()) cells.add(mark(takes(graph, target)));
            cells.add(mark(Layer.trainedKinds().contains(sample.kind())));
            row(table, cells);
        }
        return table.toString();
    }

    private static boolean takes(Graph graph, Target target) {
        try {
            Compiler.compile(graph, target);
            return true;
        } catch (CompileException e) {
            return false;
        }
    }

    private static String mark(boolean is) {
        return is ? "✓" : "–";
    }

    private static void row(StringBuilder table, List<String> cells) {
        table.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
