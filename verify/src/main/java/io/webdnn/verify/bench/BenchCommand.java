package io.webdnn.verify.bench;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.cli.CommandException;
import io.webdnn.compiler.Program;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.verify.bench.Bench.Sample;
import io.webdnn.verify.bench.Report.Row;
import io.webdnn.verify.browser.Chromium;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn bench`: our speed beside that of ONNX Runtime Web, in one browser.
@Command(
        name = "bench",
        description = "Measures networks in a browser, beside ONNX Runtime Web (needs npm).")
public final class BenchCommand implements AdditionalCommand {
    static final String PEER = "onnxruntime-web@1.30.0";

    /// A page whose loop in registers takes so much longer than the fastest saw a busy machine.
    private static final double NOISY = 1.25;

    private static final int REPEATS = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = "--models",
            split = ",",
            paramLabel = "MODEL",
            description =
                    "What to measure. Default: all of conv3x3, conv1x1, depthwise, gemm, exercise,"
                            + " squeezenet, mobilenetv2, resnet50.")
    List<String> models = new ArrayList<>();

    @Option(
            names = "--backends",
            split = ",",
            paramLabel = "BACKEND",
            description = "webassembly, webassembly-2 (two threads), webgl, webgpu. Default: all.")
    List<String> backends = new ArrayList<>();

    @Option(
            names = "--rounds",
            defaultValue = "3",
            paramLabel = "N",
            description = "How often each is measured. Default: 3.")
    int rounds;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Writes benchmarks.json and benchmarks.md into it.")
    @Nullable Path directory;

    @Option(names = "--note", description = "A remark for the page, on the machine's load, say.")
    String note = "";

    @Option(names = "--no-peer", description = "Measures ours alone; needs no npm.")
    boolean alone;

    private double bestCalibration = Double.MAX_VALUE;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1) throw CommandException.wrongUse("--rounds: expected >= 1, got " + rounds);
        var chosen = models.isEmpty() ? List.copyOf(Networks.ALL.keySet()) : models;
        for (var model : chosen)
            if (!Networks.ALL.containsKey(model))
                throw CommandException.wrongUse(
                        "--models: expected some of %s, got '%s'"
                                .formatted(Networks.ALL.keySet(), model));
        var settings = settings();
        if (Chromium.find().isEmpty()) throw CommandException.wrongUse(Chromium.MISSING);
        var modules = alone ? null : NpmPackages.install(List.of(PEER));
        var rows = new ArrayList<Row>();
        try (var bench = new Bench(modules)) {
            for (var model : chosen) measure(bench, model, settings, rows);
        }
        var report = new Report(facts(), rows);
        report.table().forEach(spec.commandLine().getOut()::println);
        if (directory != null) {
            Files.createDirectories(directory);
            AtomicFile.write(directory.resolve("benchmarks.json"), report.json());
            AtomicFile.write(
                    directory.resolve("benchmarks.md"),
                    report.page().getBytes(StandardCharsets.UTF_8));
        }
        boolean failed =
                rows.stream()
                        .anyMatch(row ->
                                row.competitor().equals(Competitor.WEBDNN.toString())
                                        && !row.error().isEmpty());
        return failed ? 1 : 0;
    }

    private List<Setting> settings() {
        return backends.isEmpty()
                ? List.of(Setting.values())
                : backends.stream().map(BenchCommand::setting).toList();
    }

    private static Setting setting(String name) {
        for (var setting : Setting.values()) if (setting.toString().equals(name)) return setting;
        throw CommandException.wrongUse(
                "--backends: expected some of %s, got '%s'"
                        .formatted(Arrays.toString(Setting.values()), name));
    }

    /// A competitor in a setting, and what its pages saw until it failed.
    private static final class Entrant {
        final Setting setting;
        final Competitor competitor;
        final List<Sample> samples = new ArrayList<>();
        String error = "";

        Entrant(Setting setting, Competitor competitor) {
            this.setting = setting;
            this.competitor = competitor;
        }

        @Override
        public String toString() {
            return setting + " " + competitor;
        }
    }

    private void measure(Bench bench, String model, List<Setting> settings, List<Row> rows)
            throws InterruptedException {
        var graph = Networks.graph(model);
        var shape = graph.inputs().getFirst().type().shape().toInts();
        var input = Networks.random(0, 3, shape);
        var expected = Program.compile(graph).run(List.of(input)).getFirst().floats();
        bench.serve(
                model, graph, input, settings.stream().map(Setting::backend).distinct().toList());
        var entrants = new ArrayList<Entrant>();
        for (var setting : settings) {
            for (var competitor : Competitor.values())
                if (competitor == Competitor.WEBDNN || !alone)
                    entrants.add(new Entrant(setting, competitor));
        }
        for (int round = 0; round < rounds; round++) {
            for (var entrant : entrants)
                if (entrant.error.isEmpty()) measure(bench, model, shape, entrant);
        }
        for (var entrant : entrants) rows.add(row(model, entrant, expected));
    }

    private void measure(Bench bench, String model, int[] shape, Entrant entrant)
            throws InterruptedException {
        var out = spec.commandLine().getOut();
        try {
            var sample = quiet(bench, model, shape, entrant);
            entrant.samples.add(sample);
            out.printf(
                    "%s %s: %.2f ms%n",
                    model, entrant, percentile(array(sample.times().stream()), 0.5));
        } catch (IllegalStateException e) {
            entrant.error = String.valueOf(e.getMessage());
            out.printf("%s %s: %s%n", model, entrant, entrant.error);
        }
        out.flush();
    }

    /// {@return a sample of a quiet page, or the last of some}
    private Sample quiet(Bench bench, String model, int[] shape, Entrant entrant)
            throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            var sample = bench.measure(model, shape, entrant.competitor, entrant.setting);
            bestCalibration = Math.min(bestCalibration, sample.calibration());
            if (sample.calibration() <= NOISY * bestCalibration || attempt == REPEATS)
                return sample;
        }
    }

    private Row row(String model, Entrant entrant, float[] expected) {
        var samples = entrant.samples;
        var times = array(samples.stream().flatMap(it -> it.times().stream()));
        double difference =
                samples.stream()
                        .mapToDouble(it -> difference(it.output().floats(), expected))
                        .max()
                        .orElse(0);
        var error =
                entrant.error.isEmpty() && !(difference <= 1e-3)
                        ? "wrong output: it differs by " + difference
                        : entrant.error;
        return new Row(
                model,
                entrant.setting.toString(),
                entrant.competitor.toString(),
                error,
                percentile(array(samples.stream().map(Sample::first)), 0.5),
                percentile(times, 0.5),
                percentile(times, 0.1),
                percentile(times, 0.9),
                samples.isEmpty() ? 0 : samples.getFirst().bytes(),
                difference,
                samples.stream().mapToDouble(Sample::calibration).max().orElse(bestCalibration)
                        / bestCalibration);
    }

    private static double[] array(Stream<Double> values) {
        return values.mapToDouble(v -> v).toArray();
    }

    /// {@return the largest distance over the largest expected element; infinite where a number is
    /// missing}
    static double difference(float[] actual, float[] expected) {
        if (actual.length != expected.length) return Double.POSITIVE_INFINITY;
        double worst = 0;
        double largest = Double.MIN_NORMAL;
        for (int i = 0; i < actual.length; i++) {
            double distance = Math.abs((double) actual[i] - expected[i]);
            if (Double.isNaN(distance)) return Double.POSITIVE_INFINITY;
            worst = Math.max(worst, distance);
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }

    /// {@return the value below which a share of the values lies; 0 of none}
    static double percentile(double[] values, double share) {
        if (values.length == 0) return 0;
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    private Map<String, String> facts() {
        var facts = new LinkedHashMap<String, String>();
        facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        facts.put(
                "machine",
                "%s, %s, %d processors"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors()));
        facts.put("browser", Chromium.version());
        facts.put("peer", alone ? "none" : PEER + ", WebAssembly with as many threads as ours");
        facts.put("rounds", String.valueOf(rounds));
        if (!note.isEmpty()) facts.put("note", note);
        return facts;
    }
}
