package io.webdnn.verify.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// What a run has measured, as JSON and as a page; the page is made from nothing but the JSON.
///
/// @param facts date, machine, versions
record Report(Map<String, String> facts, List<Row> rows) {
    private static final JsonFactory JSON = new JsonFactory();

    /// Stands where there is no figure.
    private static final String NONE = "–";

    Report {
        facts = new LinkedHashMap<>(facts);
        rows = List.copyOf(rows);
    }

    /// One competitor on one network; times are in milliseconds.
    ///
    /// @param error why there are no figures, or ""
    /// @param difference the largest distance from the JVM's output, over its largest element
    record Row(
            String network,
            String backend,
            String competitor,
            String error,
            double first,
            double median,
            double p10,
            double p90,
            long bytes,
            double difference,
            double noise) {}

    byte[] json() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var json = JSON.createGenerator(bytes)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            for (var fact : facts.entrySet()) json.writeStringField(fact.getKey(), fact.getValue());
            json.writeArrayFieldStart("rows");
            for (var row : rows) {
                json.writeStartObject();
                json.writeStringField("network", row.network());
                json.writeStringField("backend", row.backend());
                json.writeStringField("competitor", row.competitor());
                json.writeStringField("error", row.error());
                json.writeNumberField("first", row.first());
                json.writeNumberField("median", row.median());
                json.writeNumberField("p10", row.p10());
                json.writeNumberField("p90", row.p90());
                json.writeNumberField("bytes", row.bytes());
                json.writeNumberField("difference", row.difference());
                json.writeNumberField("noise", row.noise());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    static Report read(Path file) throws IOException {
        var facts = new LinkedHashMap<String, String>();
        var rows = new ArrayList<Row>();
        try (var json = JSON.createParser(Files.readAllBytes(file))) {
            json.nextToken();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                var name = json.currentName();
                if (json.nextToken() != JsonToken.START_ARRAY) {
                    facts.put(name, json.getText());
                    continue;
                }
                while (json.nextToken() == JsonToken.START_OBJECT) {
                    var fields = new LinkedHashMap<String, String>();
                    while (json.nextToken() != JsonToken.END_OBJECT) {
                        var field = json.currentName();
                        json.nextToken();
                        fields.put(field, json.getText());
                    }
                    rows.add(row(fields));
                }
            }
        }
        return new Report(facts, rows);
    }

    private static Row row(Map<String, String> fields) {
        return new Row(
                field(fields, "network"),
                field(fields, "backend"),
                field(fields, "competitor"),
                field(fields, "error"),
                number(fields, "first"),
                number(fields, "median"),
                number(fields, "p10"),
                number(fields, "p90"),
                Long.parseLong(field(fields, "bytes")),
                number(fields, "difference"),
                number(fields, "noise"));
    }

    private static String field(Map<String, String> fields, String name) {
        return Objects.requireNonNull(fields.get(name), name);
    }

    private static double number(Map<String, String> fields, String name) {
        return Double.parseDouble(field(fields, name));
    }

    /// {@return the lines of the table: a network on a backend, ours, the peer's, their ratio}
    List<String> table() {
        var lines = new ArrayList<String>();
        lines.add(
                "| network | backend | ours, ms (p10–p90) | ONNX Runtime Web, ms (p10–p90) | ratio |"
                        + " first result, ms | ratio | bytes transferred | difference |");
        lines.add("|---|---|---|---|---|---|---|---|---|");
        for (var ours : rows) {
            if (!ours.competitor().equals(Competitor.WEBDNN.toString())) continue;
            var peer = peer(ours);
            var cells =
                    List.of(
                            Networks.title(ours.network()),
                            ours.backend(),
                            steady(ours),
                            peer.map(Report::steady).orElse(NONE),
                            ratio(ours, peer, Row::median),
                            both(
                                    ours,
                                    peer,
                                    row -> String.format(Locale.ROOT, "%.0f", row.first())),
                            ratio(ours, peer, Row::first),
                            both(ours, peer, row -> String.format(Locale.ROOT, "%,d", row.bytes())),
                            both(
                                    ours,
                                    peer,
                                    row -> String.format(Locale.ROOT, "%.1e", row.difference())));
            lines.add("| " + String.join(" | ", cells) + " |");
        }
        return lines;
    }

    private Optional<Row> peer(Row ours) {
        return rows.stream()
                .filter(it -> it.network().equals(ours.network()))
                .filter(it -> it.backend().equals(ours.backend()))
                .filter(it -> !it.competitor().equals(ours.competitor()))
                .findFirst();
    }

    private static String both(Row ours, Optional<Row> peer, Function<Row, String> figure) {
        return figure.apply(ours) + " / " + peer.map(figure).orElse(NONE);
    }

    private static String ratio(Row ours, Optional<Row> peer, ToDoubleFunction<Row> figure) {
        return peer.filter(row -> row.error().isEmpty() && ours.error().isEmpty())
                .map(row ->
                        String.format(
                                Locale.ROOT,
                                "%.2f",
                                figure.applyAsDouble(ours) / figure.applyAsDouble(row)))
                .orElse(NONE);
    }

    private static String steady(Row row) {
        return row.error().isEmpty()
                ? String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", row.median(), row.p10(), row.p90())
                : row.error().replace("|", "\\|");
    }

    /// {@return the page}
    String page() {
        var lines = new ArrayList<String>();
        lines.add("# Benchmarks");
        lines.add("");
        lines.add(
                "Written by `webdnn bench`; the figures stand in `benchmarks.json`. All competitors"
                        + " run in one browser, in turns, each time in a fresh page; figures are"
                        + " medians over all rounds, behind a warm-up. *First result* is from an empty"
                        + " page to the first output, with the network on the same machine. *Difference*"
                        + " is the largest distance from the output of the JVM's program, over its"
                        + " largest element. *Noise* is the worst time of a loop in registers over its"
                        + " best: how unsteady the machine was.");
        lines.add("");
        facts.forEach((name, value) -> lines.add("- " + name + ": " + value));
        double noise = rows.stream().mapToDouble(Row::noise).max().orElse(1);
        lines.add("- noise: " + String.format(Locale.ROOT, "%.2f", noise));
        lines.add("");
        lines.addAll(table());
        return String.join("\n", lines) + "\n";
    }
}
