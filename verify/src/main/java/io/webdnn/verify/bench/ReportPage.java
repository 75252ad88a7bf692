package io.webdnn.verify.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// Prints a report as a page in Markdown: two tables for each setting.
record ReportPage(Report report) {
    /// Stands where there is no figure.
    private static final String NONE = "–";

    private static final String LEGEND =
            "Written by `webdnn bench` from the figures in `benchmarks.json`; nobody edits it. All"
                    + " competitors run the same network on the same input in one browser, in turns,"
                    + " in each round in a new one; a run's time is the median over all rounds, behind"
                    + " a warm-up, with the tenth and the ninetieth percentile. A *ratio* is ours over"
                    + " the peer's: lower is better. *First result* is from an empty page to the first"
                    + " output, with the network on the same machine: in a new browser, and when it"
                    + " comes again and may have kept what it was sent. *Transferred* is what it was"
                    + " sent the first time, as it is, and what of it is no weights, in Brotli."
                    + " *Memory* is the most that the processes of the page held. *Difference* is the"
                    + " largest distance from the output of the JVM's program, over its largest"
                    + " element. *Noise* is the worst time of a loop in registers over its best: how"
                    + " unsteady the machine was.";

    String text() {
        var lines = new ArrayList<String>();
        lines.add("# Benchmarks");
        lines.add("");
        lines.add(LEGEND);
        lines.add("");
        lines.add("- date: " + dates());
        report.facts().forEach((name, value) -> lines.add("- " + name + ": " + value));
        double noise = report.rows().stream().mapToDouble(Row::noise).max().orElse(1);
        lines.add("- noise: " + String.format(Locale.ROOT, "%.2f", noise));
        lines.add("");
        lines.add("![Our time over ONNX Runtime's](%s)".formatted(Report.CHART));
        for (var setting : report.settings()) {
            lines.add("");
            lines.add("## " + setting.title());
            lines.add("");
            lines.addAll(times(setting));
            lines.add("");
            lines.addAll(loads(setting));
            var failures = failures(setting);
            if (!failures.isEmpty()) lines.add("");
            lines.addAll(failures);
        }
        return String.join("\n", lines) + "\n";
    }

    private String dates() {
        var dates = report.rows().stream().map(Row::date).distinct().sorted().toList();
        if (dates.isEmpty()) return NONE;
        return dates.size() == 1
                ? dates.getFirst()
                : "from " + dates.getFirst() + " to " + dates.getLast();
    }

    /// {@return the lines of the table of a setting's steady times}
    List<String> times(Setting setting) {
        return table(
                setting,
                "a run, ms",
                row ->
                        String.format(
                                Locale.ROOT,
                                "%s (%s–%s)",
                                time(row.median()),
                                time(row.p10()),
                                time(row.p90())),
                Row::median);
    }

    private List<String> loads(Setting setting) {
        return table(setting, "first result", ReportPage::load, Row::cold);
    }

    private static String load(Row row) {
        var parts = new ArrayList<String>();
        parts.add(String.format(Locale.ROOT, "%.0f ms", row.cold()));
        if (row.warm() > 0) parts.add(String.format(Locale.ROOT, "again %.0f ms", row.warm()));
        if (row.bytes() > 0) parts.add(String.format(Locale.ROOT, "%,.2f MB", row.bytes() / 1e6));
        if (row.code() > 0)
            parts.add(String.format(Locale.ROOT, "code %,.1f KB", row.code() / 1e3));
        if (row.memory() > 0) parts.add(String.format(Locale.ROOT, "%,.0f MiB", row.memory()));
        parts.add(String.format(Locale.ROOT, "%.0e", row.difference()));
        return String.join("; ", parts);
    }

    private static String time(double milliseconds) {
        return milliseconds < 100
                ? String.format(Locale.ROOT, "%.2f", milliseconds)
                : String.format(Locale.ROOT, "%.0f", milliseconds);
    }

    /// {@return a row for each network: ours, and for each peer its figure and the ratio}
    private List<String> table(
            Setting setting,
            String what,
            Function<Row, String> figure,
            ToDoubleFunction<Row> compared) {
        var competitors = report.competitors(setting);
        var head = new ArrayList<String>(List.of(what));
        for (var competitor : competitors) {
            head.add(competitor.title());
            if (competitor != Competitor.WEBDNN) head.add("ratio");
        }
        var lines = new ArrayList<String>();
        lines.add(line(head));
        lines.add("|" + "---|".repeat(head.size()));
        for (var network : report.networks()) {
            var rows = competitors.stream().map(it -> report.row(network, setting, it)).toList();
            if (rows.stream().allMatch(Optional::isEmpty)) continue;
            var cells = new ArrayList<String>(List.of(Networks.title(network)));
            for (int i = 0; i < rows.size(); i++) {
                cells.add(rows.get(i).filter(Row::isMeasured).map(figure).orElse(NONE));
                if (competitors.get(i) == Competitor.WEBDNN) continue;
                var ratio = report.ratio(network, setting, competitors.get(i), compared);
                cells.add(
                        ratio.isPresent()
                                ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble())
                                : NONE);
            }
            lines.add(line(cells));
        }
        return lines;
    }

    private List<String> failures(Setting setting) {
        return report.rows().stream()
                .filter(row -> row.setting() == setting && !row.isMeasured())
                .map(row ->
                        "- %s, %s: %s"
                                .formatted(
                                        Networks.title(row.network()),
                                        row.competitor().title(),
                                        row.error()))
                .toList();
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
