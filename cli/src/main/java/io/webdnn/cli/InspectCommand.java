package io.webdnn.cli;

import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.Target;
import io.webdnn.compiler.lower.Flop;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.Graph;
import io.webdnn.graph.GraphSvg;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Extents;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.file.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn inspect MODEL`: what a model consists of and costs, and which targets take it.
@Command(
        name = "inspect",
        description = "Says what a model consists of and costs, and which targets take it.")
final class InspectCommand implements Callable<Integer> {
    /// Names of nodes longer than this are cut, so that lines stay readable.
    private static final int LONGEST_NAME = 40;

    /// A target that lacks a dtype refuses every node alike.
    private static final int MOST_REASONS = 10;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ModelFile model;

    @Option(names = "--svg", paramLabel = "FILE", description = "Also draws the graph.")
    @Nullable Path drawing;

    @Override
    public Integer call() throws IOException {
        var graph = model.graph();
        if (drawing != null)
            AtomicFile.write(drawing, GraphSvg.of(graph).getBytes(StandardCharsets.UTF_8));
        var costs = costs(graph);
        var out = spec.commandLine().getOut();
        out.println(model.path() + ": " + summary(costs));
        for (var input : graph.inputs())
            out.println("input   " + input.name() + ": " + input.type());
        for (int i = 0; i < graph.outputs().size(); i++) {
            out.println(
                    "output  " + graph.outputNames().get(i) + ": " + graph.outputs().get(i).type());
        }
        out.println();
        table(nodes(costs)).forEach(out::println);
        out.println();
        table(operators(costs)).forEach(out::println);
        out.println();
        for (var target : Target.values()) targets(graph, target, out);
        return 0;
    }

    /// What a node costs.
    ///
    /// @param parameters how many real numbers it reads that the model brings with it, those aside
    ///   that a node before reads
    private record Cost(Node node, long parameters, Dimension flop) {}

    private static List<Cost> costs(Graph graph) {
        Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var costs = new ArrayList<Cost>();
        for (var node : graph.nodes())
            costs.add(new Cost(node, parameters(node, seen), Flop.of(alone(node))));
        return costs;
    }

    private static long parameters(Node node, Set<Value> seen) {
        long total = 0;
        for (var input : node.inputs()) {
            var constant = input.constant();
            if (constant != null && constant.dtype().isFloat() && seen.add(input))
                total += constant.size();
        }
        return total;
    }

    private static String parameters(List<Cost> costs) {
        return "%,d".formatted(costs.stream().mapToLong(Cost::parameters).sum());
    }

    private static String flop(List<Cost> costs) {
        return si(costs.stream().map(Cost::flop).reduce(Dimension.of(0), Dimension::plus));
    }

    private static String summary(List<Cost> costs) {
        return "%,d nodes, %s parameters, %s FLOP"
                .formatted(costs.size(), parameters(costs), flop(costs));
    }

    private static List<List<String>> nodes(List<Cost> costs) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("node", "operator", "output", "parameters", "FLOP"));
        for (var cost : costs) {
            var node = cost.node;
            var outputs =
                    node.outputs().stream()
                            .map(v -> v.type().toString())
                            .collect(Collectors.joining(", "));
            var one = List.of(cost);
            rows.add(
                    List.of(
                            cut(node.name()),
                            node.op().name(),
                            outputs,
                            parameters(one),
                            flop(one)));
        }
        return rows;
    }

    private static List<List<String>> operators(List<Cost> costs) {
        Map<String, List<Cost>> byName = new TreeMap<>();
        for (var cost : costs)
            byName.computeIfAbsent(cost.node.op().name(), _ -> new ArrayList<>()).add(cost);
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("operator", "nodes", "parameters", "FLOP"));
        byName.forEach((name, alike) ->
                rows.add(
                        List.of(
                                name,
                                "%,d".formatted(alike.size()),
                                parameters(alike),
                                flop(alike))));
        return rows;
    }

    /// Says how many kernels of which template a target makes of a graph; where it refuses, all the
    /// nodes that it refuses by themselves.
    private static void targets(Graph graph, Target target, PrintWriter out) {
        try {
            Map<String, Integer> templates = new TreeMap<>();
            for (var call : Compiler.compile(graph, target).calls()) count(call, templates);
            int kernels = templates.values().stream().mapToInt(n -> n).sum();
            var each =
                    templates.entrySet().stream()
                            .map(e -> e.getKey() + " " + e.getValue())
                            .collect(Collectors.joining(", "));
            var counted = kernels == 1 ? "1 kernel" : "%,d kernels".formatted(kernels);
            out.println(target + ": " + counted + ": " + each);
        } catch (CompileException whole) {
            out.println(target + ": refused");
            var reasons = new ArrayList<String>();
            for (var node : graph.nodes()) {
                try {
                    Compiler.compile(alone(node), target);
                } catch (CompileException e) {
                    reasons.add(named(node, String.valueOf(e.getMessage())));
                }
            }
            if (reasons.isEmpty()) reasons.add(String.valueOf(whole.getMessage()));
            reasons.stream().limit(MOST_REASONS).forEach(reason -> out.println("  " + reason));
            if (reasons.size() > MOST_REASONS)
                out.println("  and %,d more".formatted(reasons.size() - MOST_REASONS));
        }
    }

    /// A reason may be about a value that the node reads or gives.
    private static String named(Node node, String reason) {
        var name = node.op().name() + " '" + node.name() + "'";
        return reason.startsWith(name) ? reason : name + ": " + reason;
    }

    private static void count(Call call, Map<String, Integer> templates) {
        switch (call) {
            case Call.Run run -> templates.merge(run.kernel().template(), 1, Integer::sum);
            case Call.Library library -> templates.merge(library.template(), 1, Integer::sum);
            case Call.Measure _ -> {} // no work
            case Call.Host _ -> templates.merge("Host", 1, Integer::sum);
            case Call.Repeat repeat -> repeat.body().forEach(inner -> count(inner, templates));
        }
    }

    /// {@return a graph of one node; what it reads is given, but for constants and known sizes}
    private static Graph alone(Node node) {
        Map<Value, Value> inputs = new LinkedHashMap<>();
        var given = new ArrayList<Value>();
        for (var input : node.inputs()) {
            boolean isKnown = input.isAbsent() || input.constant() != null;
            given.add(
                    isKnown
                            ? input
                            : inputs.computeIfAbsent(input, v -> Value.input(v.name(), v.type())));
            var extents = input.extents();
            if (extents != null) given.addLast(sizes(extents, given.removeLast()));
        }
        var copy = new Node(node.op(), node.name(), given);
        return Graph.of(List.copyOf(inputs.values()), copy.outputs());
    }

    private static Value sizes(List<Dimension> extents, Value input) {
        return new Node(new Extents("", extents), input.name(), List.of(input))
                .outputs()
                .getFirst();
    }

    // Text

    /// {@return a number of operations: `42.6 M`; with symbols, as it is}
    static String si(Dimension count) {
        if (!count.isFixed()) return count.toString();
        double value = count.value();
        for (var unit : List.of("G", "M", "k")) {
            double scale =
                    switch (unit) {
                        case "G" -> 1e9;
                        case "M" -> 1e6;
                        default -> 1e3;
                    };
            if (value >= scale) return "%.1f %s".formatted(value / scale, unit);
        }
        return "%.0f".formatted(value);
    }

    private static String cut(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
    }

    /// {@return rows as lines, the last two columns to the right}
    private static List<String> table(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (int c = 0; c < columns; c++) widths[c] = Math.max(widths[c], row.get(c).length());
        }
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                var space = " ".repeat(widths[c] - row.get(c).length());
                line.append(c >= columns - 2 ? space + row.get(c) : row.get(c) + space)
                        .append("  ");
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
