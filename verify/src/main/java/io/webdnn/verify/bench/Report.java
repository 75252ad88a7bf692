package io.webdnn.verify.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.webdnn.tensor.file.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/// What was measured, as JSON, and as the page and the chart that are made from nothing else.
///
/// @param facts machine, versions
record Report(Map<String, String> facts, List<Row> rows) {
    static final String JSON = "benchmarks.json";
    static final String PAGE = "benchmarks.md";
    static final String CHART = "benchmarks.svg";

    private static final JsonFactory FACTORY = new JsonFactory();

    Report {
        facts = new LinkedHashMap<>(facts);
        rows = rows.stream().sorted(Row.ORDER).toList();
    }

    /// {@return this with a row that takes the place of an older one}
    Report with(Row row) {
        var all = new ArrayList<>(rows);
        all.removeIf(row::isOfTheSame);
        all.add(row);
        return new Report(facts, all);
    }

    /// Writes figures, page and chart into a directory.
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        AtomicFile.write(directory.resolve(JSON), json());
        write(directory.resolve(PAGE), new ReportPage(this).text());
        write(directory.resolve(CHART), new ReportChart(this).text());
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] json() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var json = FACTORY.createGenerator(bytes)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            for (var fact : facts.entrySet()) json.writeStringField(fact.getKey(), fact.getValue());
            json.writeArrayFieldStart("rows");
            for (var row : rows) {
                json.writeStartObject();
                json.writeStringField("network", row.network());
                json.writeStringField("backend", row.setting().toString());
                json.writeStringField("competitor", row.competitor().toString());
                json.writeStringField("error", row.error());
                json.writeStringField("date", row.date());
                json.writeNumberField("cold", row.cold());
                json.writeNumberField("warm", row.warm());
                json.writeNumberField("median", row.median());
                json.writeNumberField("p10", row.p10());
                json.writeNumberField("p90", row.p90());
                json.writeNumberField("runs", row.runs());
                json.writeNumberField("bytes", row.bytes());
                json.writeNumberField("code", row.code());
                json.writeNumberField("memory", row.memory());
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

    /// {@return what [#json] has written}
    ///
    /// @throws IOException if the file cannot be read or says something else
    static Report read(Path file) throws IOException {
        var facts = new LinkedHashMap<String, String>();
        var rows = new ArrayList<Row>();
        try (var json = FACTORY.createParser(Files.readAllBytes(file))) {
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
                    rows.add(new Fields(file, fields).row());
                }
            }
        }
        return new Report(facts, rows);
    }

    /// The fields of a row in a file.
    private record Fields(Path file, Map<String, String> values) {
        Row row() throws IOException {
            return new Row(
                    text("network"),
                    named("backend", Setting.values()),
                    named("competitor", Competitor.values()),
                    text("error"),
                    text("date"),
                    number("cold"),
                    number("warm"),
                    number("median"),
                    number("p10"),
                    number("p90"),
                    (int) number("runs"),
                    (long) number("bytes"),
                    (long) number("code"),
                    number("memory"),
                    number("difference"),
                    number("noise"));
        }

        String text(String name) throws IOException {
            var value = values.get(name);
            if (value == null)
                throw new IOException(
                        "%s: row: expected a field \"%s\", got %s"
                                .formatted(file, name, values.keySet()));
            return value;
        }

        double number(String name) throws IOException {
            return Double.parseDouble(text(name));
        }

        <T> T named(String name, T[] known) throws IOException {
            var value = text(name);
            for (var each : known) if (each.toString().equals(value)) return each;
            throw new IOException(
                    "%s: %s: expected one of %s, got '%s'"
                            .formatted(file, name, Arrays.toString(known), value));
        }
    }

    /// {@return the settings, in order}
    List<Setting> settings() {
        return rows.stream().map(Row::setting).distinct().sorted().toList();
    }

    /// {@return the competitors in a setting, ours first}
    List<Competitor> competitors(Setting setting) {
        return rows.stream()
                .filter(row -> row.setting() == setting)
                .map(Row::competitor)
                .distinct()
                .sorted()
                .toList();
    }

    /// {@return the networks, in order}
    List<String> networks() {
        return rows.stream().map(Row::network).distinct().toList();
    }

    Optional<Row> row(String network, Setting setting, Competitor competitor) {
        return rows.stream()
                .filter(row -> row.network().equals(network))
                .filter(row -> row.setting() == setting && row.competitor() == competitor)
                .findFirst();
    }

    /// {@return a figure of ours over that of a peer; empty where one of them has none}
    OptionalDouble ratio(
            String network, Setting setting, Competitor peer, ToDoubleFunction<Row> figure) {
        var ours = row(network, setting, Competitor.WEBDNN).filter(Row::isMeasured);
        var theirs = row(network, setting, peer).filter(Row::isMeasured);
        if (ours.isEmpty() || theirs.isEmpty()) return OptionalDouble.empty();
        double ratio = figure.applyAsDouble(ours.get()) / figure.applyAsDouble(theirs.get());
        return Double.isFinite(ratio) ? OptionalDouble.of(ratio) : OptionalDouble.empty();
    }
}
