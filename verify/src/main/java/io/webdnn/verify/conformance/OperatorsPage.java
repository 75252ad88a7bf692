package io.webdnn.verify.conformance;

import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.Target;
import io.webdnn.graph.Graph;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.file.FileException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The page that says of each operator of ONNX in which opsets the cases of the backend suite use
/// it, and which target compiles how many of these cases. What is compiled, `webdnn conformance`
/// finds to give the right outputs.
final class OperatorsPage {
    /// What is seen of the cases that use an operator.
    private static final class Row {
        final TreeSet<Long> opsets = new TreeSet<>();
        int cases;
        final Map<Target, Integer> compiled = new EnumMap<>(Target.class);
        final Map<String, String> reasons = new LinkedHashMap<>();

        String cell(Target target) {
            int count = compiled.getOrDefault(target, 0);
            return count == cases ? "all" : count == 0 ? "–" : count + " of " + cases;
        }
    }

    private final Map<String, Row> rows = new TreeMap<>();
    private final Exclusions exclusions = Exclusions.ours();

    private OperatorsPage() {}

    /// {@return the page, in Markdown}
    static String of(List<ConformanceCase> cases) {
        var page = new OperatorsPage();
        for (var one : cases) page.add(one);
        return page.text(cases.size());
    }

    private void add(ConformanceCase one) {
        var importer = OnnxImporter.read(one.model());
        Map<Target, String> refusals = new EnumMap<>(Target.class);
        try {
            var dataSet = one.dataSets().getFirst();
            var graph = dataSet.graph(importer, dataSet.inputs(importer));
            for (var target : Target.values()) compile(graph, target, refusals);
        } catch (GraphException | FileException e) { // no target takes it
            for (var target : Target.values()) refusals.put(target, e.getMessage() + "");
        }
        for (var target : Target.values()) {
            var reason = exclusions.reason(target.toString(), one.name());
            if (reason != null) refusals.putIfAbsent(target, "excluded: " + reason);
        }
        for (var name : importer.operatorsUsed()) {
            var row = rows.computeIfAbsent(name, _ -> new Row());
            row.cases++;
            row.opsets.add(importer.opset());
            for (var target : Target.values()) {
                var reason = refusals.get(target);
                if (reason == null) row.compiled.merge(target, 1, Integer::sum);
                else row.reasons.putIfAbsent(target.toString(), plain(reason));
            }
        }
    }

    private static void compile(Graph graph, Target target, Map<Target, String> refusals) {
        try {
            Compiler.compile(graph, target);
        } catch (CompileException | GraphException e) {
            refusals.put(target, e.getMessage() + "");
        }
    }

    /// {@return a reason without the places that are of one model}
    private static String plain(String reason) {
        return reason.replaceAll(" \\([^()]*\\.onnx, node \\d+\\)", "")
                .replaceAll("\\s+", " ")
                .replace("|", "\\|")
                .strip();
    }

    private String text(int cases) {
        var text = new StringBuilder();
        text.append(
                """
                # Operators of ONNX

                Made by `webdnn operators`; do not edit. For each operator: the opsets of the cases of the ONNX backend suite that use it (%,d cases in all), and
                how many of these cases each target compiles. What a target compiles gives the right outputs (`webdnn conformance`); what it does not compile
                it refuses with a reason, of which the first stands below; the few cases that are known not to hold (`exclusions.txt`) count as refused.

                """
                        .formatted(cases));
        text.append("| operator | opsets | cases |");
        for (var target : Target.values()) text.append(" " + target + " |");
        text.append("\n|---|---|---|").append("---|".repeat(Target.values().length)).append("\n");
        rows.forEach((name, row) -> {
            text.append("| %s | %s | %d |".formatted(name, ranges(row.opsets), row.cases));
            for (var target : Target.values()) text.append(" " + row.cell(target) + " |");
            text.append("\n");
        });
        var others = new TreeSet<>(OnnxImporter.operators());
        others.removeAll(rows.keySet());
        if (!others.isEmpty())
            text.append("\nRead too, without a case: " + String.join(", ", others) + ".\n");
        text.append("\n## What is refused\n\n");
        rows.forEach((name, row) -> {
            if (!row.reasons.isEmpty()) text.append("- " + name + ": " + reasons(row) + "\n");
        });
        return text.toString();
    }

    /// {@return each reason with the targets that it is of}
    private static String reasons(Row row) {
        Map<String, List<String>> targets = new LinkedHashMap<>();
        row.reasons.forEach((target, reason) -> {
            var shared = reason.replace(" " + target, " the target");
            targets.computeIfAbsent(shared, _ -> new ArrayList<>()).add(target);
        });
        return targets.entrySet().stream()
                .map(e -> String.join(", ", e.getValue()) + ": " + e.getKey())
                .collect(Collectors.joining("; "));
    }

    /// {@return numbers as ranges: `7–11, 13`}
    private static String ranges(SortedSet<Long> numbers) {
        var ranges = new ArrayList<String>();
        long first = -1;
        long last = -1;
        for (long number : numbers) {
            if (number != last + 1 || first < 0) {
                if (first >= 0) ranges.add(range(first, last));
                first = number;
            }
            last = number;
        }
        ranges.add(range(first, last));
        return String.join(", ", ranges);
    }

    private static String range(long first, long last) {
        return first == last ? "" + first : first + "–" + last;
    }
}
