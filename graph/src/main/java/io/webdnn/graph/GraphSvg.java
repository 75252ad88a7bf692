package io.webdnn.graph;

import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A graph as a drawing, an SVG file: inputs at the top, outputs at the bottom, every node below
/// what it reads; in a box its operator, its name, the constants that it reads, and its type. The
/// same graph gives the same bytes.
///
/// Each vertex lies in the layer behind the last of those it reads; arrows over several layers get
/// a bend in each. Sweeps put what stands in a layer at the median of its neighbours above, then
/// below, which takes most crossings away; positions are then the nearest to the mean of the
/// neighbours that keep the order and the distances (isotonic regression).
///
/// Source: Sugiyama, Tagawa, Toda: Methods for Visual Understanding of Hierarchical System
/// Structures (1981).
public final class GraphSvg {
    private static final int SWEEPS = 12;
    private static final double CHARACTER = 6.2;
    private static final double LINE = 14;
    private static final double GAP = 18;
    private static final double LAYER_GAP = 34;
    private static final int LONGEST = 44;

    private static final String STYLE =
            """
            <style>
            svg { background: #fff; font: 10px ui-monospace, monospace; fill: #1c2733 }
            path { fill: none; stroke: #7b8794; stroke-width: 1.2 }
            .node { fill: #e8f0fa; stroke: #3b82c4 }
            .end { fill: #fdf1e0; stroke: #d9822b }
            .operator { font-weight: bold; font-size: 11px }
            #tip path { fill: #7b8794; stroke: none }
            </style>
            <defs>
            <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z"/>
            </marker>
            </defs>
            """;

    private GraphSvg() {}

    /// A box, an end of the graph, or the bend of an arrow, which has no text.
    private static final class Vertex {
        final List<String> text;
        final String style;
        final List<Vertex> above = new ArrayList<>();
        final List<Vertex> below = new ArrayList<>();
        int layer;
        double x;
        double order;

        Vertex(List<String> text, String style) {
            this.text = text;
            this.style = style;
        }

        boolean isBend() {
            return text.isEmpty();
        }

        double width() {
            if (isBend()) return 4;
            double operator = text.getFirst().length() * 1.15; // bold, and larger
            double longest = text.stream().mapToInt(String::length).max().orElse(0);
            return 16 + CHARACTER * Math.max(operator, longest);
        }

        double height() {
            return isBend() ? 0 : 10 + LINE * text.size();
        }
    }

    /// {@return the drawing of a graph}
    public static String of(Graph graph) {
        var vertices = vertices(graph);
        var layers = layers(vertices);
        for (int sweep = 0; sweep < SWEEPS; sweep++) sweep(layers, sweep % 2 == 0);
        for (int sweep = 0; sweep < SWEEPS; sweep++) place(layers, sweep % 2 == 0);
        return draw(vertices, layers);
    }

    private static List<Vertex> vertices(Graph graph) {
        Map<Value, Vertex> makers = new HashMap<>();
        var vertices = new ArrayList<Vertex>();
        for (var input : graph.inputs()) {
            var vertex = new Vertex(List.of(cut(input.name()), input.type() + ""), "end");
            makers.put(input, vertex);
            vertices.add(vertex);
        }
        for (var node : graph.nodes()) {
            var vertex = new Vertex(text(node), "node");
            vertices.add(vertex);
            for (var input : node.inputs()) connect(makers.get(input), vertex);
            for (var output : node.outputs()) makers.put(output, vertex);
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            var output = graph.outputs().get(i);
            var vertex =
                    new Vertex(List.of(cut(graph.outputNames().get(i)), output.type() + ""), "end");
            connect(makers.get(output), vertex);
            vertices.add(vertex);
        }
        return vertices;
    }

    private static void connect(@Nullable Vertex from, Vertex to) {
        if (from == null || to.above.contains(from)) return; // a constant; an operand read twice
        from.below.add(to);
        to.above.add(from);
    }

    private static List<String> text(Node node) {
        var lines = new ArrayList<String>();
        lines.add(node.op().name());
        if (!node.name().isEmpty()) lines.add(cut(node.name()));
        for (var input : node.inputs()) {
            var constant = input.constant();
            if (constant != null) lines.add("· " + cut(contents(input, constant)));
        }
        for (var output : node.outputs()) lines.add("→ " + output.type());
        return lines;
    }

    private static String contents(Value value, Tensor constant) {
        if (constant.size() > 6 || !constant.dtype().isNumeric())
            return (value.name() + " " + value.type()).strip();
        var elements = new ArrayList<String>();
        for (int i = 0; i < constant.size(); i++)
            elements.add(
                    constant.dtype().isFloat()
                            ? String.valueOf(constant.getDouble(i))
                            : String.valueOf(constant.getLong(i)));
        return String.join(", ", elements);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }

    // Layers

    /// Vertices come after what they read, so one pass gives the longest ways.
    private static List<List<Vertex>> layers(List<Vertex> vertices) {
        for (var vertex : vertices)
            for (var above : vertex.above) vertex.layer = Math.max(vertex.layer, above.layer + 1);
        // what depends on constants only, and an input, stands above its first reader
        Set<Vertex> given = Collections.newSetFromMap(new IdentityHashMap<>());
        for (var vertex : vertices)
            if (vertex.style.equals("end") || vertex.above.stream().anyMatch(given::contains))
                given.add(vertex);
        for (var vertex : vertices.reversed())
            if ((vertex.above.isEmpty() || !given.contains(vertex)) && !vertex.below.isEmpty())
                vertex.layer = vertex.below.stream().mapToInt(v -> v.layer).min().orElse(1) - 1;
        var layers = new ArrayList<List<Vertex>>();
        for (var vertex : vertices) layer(layers, vertex.layer).add(vertex);
        for (var vertex : vertices)
            for (var below : List.copyOf(vertex.below)) bend(layers, vertex, below);
        return layers;
    }

    private static List<Vertex> layer(List<List<Vertex>> layers, int number) {
        while (layers.size() <= number) layers.add(new ArrayList<>());
        return layers.get(number);
    }

    private static void bend(List<List<Vertex>> layers, Vertex from, Vertex to) {
        var last = from;
        for (int number = from.layer + 1; number < to.layer; number++) {
            var bend = new Vertex(List.of(), "bend");
            bend.layer = number;
            layer(layers, number).add(bend);
            last.below.set(last == from ? last.below.indexOf(to) : 0, bend);
            bend.above.add(last);
            bend.below.add(to);
            last = bend;
        }
        if (last != from) to.above.set(to.above.indexOf(from), last);
    }

    // Order and position

    private static void sweep(List<List<Vertex>> layers, boolean down) {
        for (var layer : layers) for (int i = 0; i < layer.size(); i++) layer.get(i).order = i;
        for (var layer : down ? layers : layers.reversed()) {
            var medians = new IdentityHashMap<Vertex, Double>();
            for (var vertex : layer) medians.put(vertex, median(vertex, down));
            layer.sort(Comparator.comparingDouble(v -> medians.getOrDefault(v, v.order)));
            for (int i = 0; i < layer.size(); i++) layer.get(i).order = i;
        }
    }

    private static double median(Vertex vertex, boolean down) {
        var neighbours = down ? vertex.above : vertex.below;
        if (neighbours.isEmpty()) return vertex.order;
        var orders = neighbours.stream().mapToDouble(v -> v.order).sorted().toArray();
        int middle = orders.length / 2;
        return orders.length % 2 == 1 ? orders[middle] : (orders[middle - 1] + orders[middle]) / 2;
    }

    private static void place(List<List<Vertex>> layers, boolean down) {
        for (var layer : down ? layers : layers.reversed()) {
            var offsets = new double[layer.size()];
            for (int i = 1; i < offsets.length; i++) {
                var left = layer.get(i - 1);
                offsets[i] = offsets[i - 1] + (left.width() + layer.get(i).width()) / 2 + GAP;
            }
            var wanted = new double[layer.size()];
            for (int i = 0; i < wanted.length; i++) {
                var vertex = layer.get(i);
                var neighbours = down ? vertex.above : vertex.below;
                if (neighbours.isEmpty()) neighbours = down ? vertex.below : vertex.above;
                wanted[i] =
                        neighbours.stream().mapToDouble(v -> v.x).average().orElse(vertex.x)
                                - offsets[i];
            }
            var positions = isotonic(wanted);
            for (int i = 0; i < wanted.length; i++) layer.get(i).x = positions[i] + offsets[i];
        }
    }

    /// {@return the nondecreasing numbers nearest to the given ones: neighbours that fall are
    /// pooled at their mean}
    private static double[] isotonic(double[] wanted) {
        var means = new double[wanted.length];
        var counts = new int[wanted.length];
        int pools = 0;
        for (double value : wanted) {
            means[pools] = value;
            counts[pools++] = 1;
            while (pools > 1 && means[pools - 2] > means[pools - 1]) {
                int count = counts[pools - 2] + counts[pools - 1];
                means[pools - 2] =
                        (means[pools - 2] * counts[pools - 2]
                                        + means[pools - 1] * counts[pools - 1])
                                / count;
                counts[pools - 2] = count;
                pools--;
            }
        }
        var result = new double[wanted.length];
        int next = 0;
        for (int p = 0; p < pools; p++) {
            Arrays.fill(result, next, next + counts[p], means[p]);
            next += counts[p];
        }
        return result;
    }

    // Drawing

    private static String draw(List<Vertex> vertices, List<List<Vertex>> layers) {
        double left = 0;
        double right = 0;
        for (var layer : layers)
            for (var vertex : layer) {
                left = Math.min(left, vertex.x - vertex.width() / 2);
                right = Math.max(right, vertex.x + vertex.width() / 2);
            }
        var tops = new double[layers.size() + 1];
        tops[0] = GAP;
        for (int i = 0; i < layers.size(); i++) {
            double height = layers.get(i).stream().mapToDouble(Vertex::height).max().orElse(0);
            tops[i + 1] = tops[i] + height + LAYER_GAP;
        }
        double shift = GAP - left;
        var width = number(right - left + 2 * GAP);
        var height = number(tops[layers.size()]);
        var text = new StringBuilder();
        text.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
                .append(width + " " + height + "\" width=\"" + width + "\" height=\"" + height)
                .append("\">\n")
                .append(STYLE);
        for (var vertex : vertices)
            for (var below : vertex.below) arrow(text, vertex, below, tops, shift);
        for (var vertex : vertices) box(text, vertex, tops[vertex.layer], shift);
        return text.append("</svg>\n").toString();
    }

    private static void arrow(
            StringBuilder text, Vertex from, Vertex below, double[] tops, double shift) {
        var to = below;
        double x = from.x + shift;
        double y = tops[from.layer] + from.height();
        text.append("<path marker-end=\"url(#tip)\" d=\"M").append(numbers(x, y));
        while (true) {
            double next = tops[to.layer];
            double middle = (y + next) / 2;
            if (next - y > LAYER_GAP) { // straight past the larger boxes of its own layer
                text.append("V").append(number(next - LAYER_GAP));
                middle = next - LAYER_GAP / 2;
            }
            double end = to.x + shift;
            text.append("C").append(numbers(x, middle, end, middle, end, next));
            if (!to.isBend()) break;
            x = end;
            y = next;
            to = to.below.getFirst();
        }
        text.append("\"/>\n");
    }

    private static void box(StringBuilder text, Vertex vertex, double top, double shift) {
        double width = vertex.width();
        double x = vertex.x + shift - width / 2;
        int corner = vertex.style.equals("end") ? 14 : 4;
        text.append("<rect class=\"" + vertex.style + "\" x=\"" + number(x) + "\" y=\"")
                .append(number(top) + "\" width=\"" + number(width) + "\" height=\"")
                .append(number(vertex.height()) + "\" rx=\"" + corner + "\"/>\n");
        for (int i = 0; i < vertex.text.size(); i++) {
            text.append("<text x=\"" + number(x + 8) + "\" y=\"")
                    .append(number(top + 15 + LINE * i))
                    .append(i == 0 ? "\" class=\"operator\">" : "\">")
                    .append(escaped(vertex.text.get(i)) + "</text>\n");
        }
    }

    private static String numbers(double... values) {
        return Arrays.stream(values).mapToObj(GraphSvg::number).collect(Collectors.joining(" "));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
