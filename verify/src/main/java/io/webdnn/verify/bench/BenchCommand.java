package io.webdnn.verify.bench;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.cli.CommandException;
import io.webdnn.cli.ModelFile;
import io.webdnn.compiler.Program;
import io.webdnn.tensor.kernel.Workers;
import io.webdnn.verify.browser.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn bench`: our speed beside that of other runtimes, in a browser and on the JVM.
@Command(
        name = "bench",
        description =
                "Measures networks in a browser beside ONNX Runtime Web and TensorFlow.js (needs npm),"
                        + " and on the JVM beside ONNX Runtime (needs mvn).")
public final class BenchCommand implements AdditionalCommand {
    /// A page whose loop in registers takes so much longer than the fastest saw a busy machine.
    private static final double NOISY = 1.25;

    private static final int REPEATS = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description =
                    "ONNX models to measure instead, on the first of --backends, one thread (default:"
                            + " webassembly).")
    List<Path> files = new ArrayList<>();

    @Option(
            names = "--input-shape",
            paramLabel = "SHAPE",
            description =
                    "Shape of an input of FILE, in the model's order. Default: as declared, with 1 for"
                            + " symbols.")
    List<String> shapes = new ArrayList<>();

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
            description =
                    "webassembly, webassembly-2 (two threads), webgl, webgpu, jvm, jvm-2. Default: all.")
    List<String> backends = new ArrayList<>();

    @Option(
            names = "--rounds",
            defaultValue = "3",
            paramLabel = "N",
            description = "How often each is measured. Default: 3.")
    int rounds;

    @Option(
            names = "--budget",
            defaultValue = "20",
            paramLabel = "SECONDS",
            description = "What has taken so long is not measured in further rounds. Default: 20.")
    double budget;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Writes benchmarks.json, benchmarks.md and benchmarks.svg into it after each"
                            + " measurement; what else was measured there stays.")
    @Nullable Path directory;

    @Option(names = "--note", description = "A remark for the page, on the machine's load, say.")
    String note = "";

    @Option(names = "--no-peer", description = "Measures ours alone; needs no npm, no mvn.")
    boolean alone;

    @Option(
            names = "--short",
            description =
                    "Only checks that it works and that outputs agree: the exercise's network, one"
                            + " round, ours alone.")
    boolean isShort;

    @Option(
            names = "--kernels",
            description =
                    "Prints what each kernel of ours costs in a page, or on the JVM with as many threads"
                            + " as it has, the slowest first: time, FLOP, bytes, and the share of"
                            + " what the machine does at best.")
    boolean kernels;

    @Option(
            names = "--again",
            description =
                    "Measures nothing: makes page and chart in --out (default: docs) again from the"
                            + " figures there.")
    boolean again;

    /// The best time of the loop in registers, on the JVM and in pages.
    private final Map<Boolean, Double> calibration = new HashMap<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (again) {
            var docs = Objects.requireNonNullElse(directory, Path.of("docs"));
            Report.read(docs.resolve(Report.JSON)).write(docs);
            return 0;
        }
        if (isShort) {
            alone = true;
            rounds = 1;
            budget = 0;
            if (models.isEmpty()) models = List.of("exercise");
            say("--short: skipped the peers, the networks but " + models + ", the rounds but one");
        }
        if (rounds < 1) throw CommandException.wrongUse("--rounds: expected >= 1, got " + rounds);
        if (!files.isEmpty()) return modelFiles();
        var networks = choice("--models", models, List.copyOf(Networks.ALL.keySet()));
        var settings = choice("--backends", backends, List.of(Setting.values()));
        if (kernels) return kernels(networks, settings);
        var report = report();
        int failed = 0;
        try (var page = page(settings);
                var jvm = jvm(settings)) {
            for (var network : networks) {
                var cells = cells(network, settings);
                measure(network, cells, page, jvm, report);
                for (var cell : cells) {
                    var row = row(cell);
                    report = report.with(row);
                    if (row.competitor() == Competitor.WEBDNN && !row.isMeasured()) failed = 1;
                }
            }
        }
        for (var setting : report.settings()) {
            spec.commandLine().getOut().println(setting.title());
            new ReportPage(report).times(setting).forEach(spec.commandLine().getOut()::println);
        }
        return failed;
    }

    /// Measures models of the user's beside ONNX Runtime Web.
    private int modelFiles() throws IOException, InterruptedException {
        if (Chromium.find().isEmpty()) throw CommandException.wrongUse(Chromium.MISSING);
        var setting = choice("--backends", backends, List.of(Setting.values())).getFirst();
        if (backends.isEmpty()) setting = Setting.WEBASSEMBLY;
        var backend = setting.backend();
        if (backend == null || setting.threads() > 1)
            throw CommandException.wrongUse(
                    "--backends: expected webassembly, webgl or webgpu for FILE, got " + setting);
        var given = shapes.stream().map(ModelFile::shape).toList();
        var ratios = new ArrayList<Double>();
        int failed = 0;
        try (var bench = new ModelBench(alone || kernels ? null : new PeerPackages().npm("npm"))) {
            for (var file : files) {
                try {
                    if (kernels) {
                        say(file + " " + backend + ":");
                        bench.kernels(file, given, backend).lines().forEach(this::say);
                        continue;
                    }
                    var seen = bench.measure(file, given, backend, rounds);
                    say(seen.line(file.toString()));
                    if (!Double.isNaN(seen.ratio())) ratios.add(seen.ratio());
                } catch (RuntimeException e) { // the others are measured all the same
                    say(file + ": " + e.getMessage());
                    failed = 1;
                }
            }
        }
        if (ratios.size() > 1)
            say(
                    "median ratio %.2f, largest %.2f"
                            .formatted(
                                    Sample.percentile(ratios.stream(), 0.5),
                                    Sample.percentile(ratios.stream(), 1)));
        return failed;
    }

    /// {@return of all that is known what an option names; all if it names nothing}
    private static <T> List<T> choice(String option, List<String> given, List<T> known) {
        var names = known.stream().map(String::valueOf).toList();
        for (var name : given)
            if (!names.contains(name))
                throw CommandException.wrongUse(
                        "%s: expected some of %s, got '%s'".formatted(option, names, name));
        return known.stream()
                .filter(it -> given.isEmpty() || given.contains(String.valueOf(it)))
                .toList();
    }

    /// {@return what was measured before, if it was here}
    private Report report() throws IOException {
        var facts = facts();
        var file = directory == null ? null : directory.resolve(Report.JSON);
        if (file == null || !Files.exists(file)) return new Report(facts, List.of());
        var before = Report.read(file);
        for (var fact : facts.entrySet())
            if (!fact.getKey().equals("note")
                    && !fact.getValue().equals(before.facts().get(fact.getKey())))
                throw CommandException.wrongUse(
                        "--out: %s: expected figures with %s '%s', got '%s': name another directory"
                                .formatted(
                                        file,
                                        fact.getKey(),
                                        fact.getValue(),
                                        before.facts().get(fact.getKey())));
        if (note.isEmpty()) facts = before.facts();
        return new Report(facts, before.rows());
    }

    private int kernels(List<String> networks, List<Setting> settings)
            throws IOException, InterruptedException {
        boolean inPage = settings.stream().anyMatch(setting -> setting.backend() != null);
        if (inPage && Chromium.find().isEmpty()) throw CommandException.wrongUse(Chromium.MISSING);
        int failed = 0;
        try (var bench = new Bench(null)) {
            for (var network : networks) {
                var graph = Networks.graph(network);
                var input = Networks.input(graph);
                if (inPage) bench.serve(network, graph, input);
                for (var setting : settings) {
                    var backend = setting.backend();
                    if (backend == null && setting.threads() == Workers.shared().threads()) {
                        say(network + " " + setting + ":");
                        JvmKernels.table(graph, input).lines().forEach(this::say);
                    }
                    if (backend == null || setting.threads() > 1) continue;
                    say(network + " " + backend + ":");
                    try {
                        bench.kernels(backend).lines().forEach(this::say);
                    } catch (RuntimeException e) { // the others are measured all the same
                        say(String.valueOf(e.getMessage()));
                        failed = 1;
                    }
                }
            }
        }
        return failed;
    }

    private @Nullable Place page(List<Setting> settings) throws IOException, InterruptedException {
        if (settings.stream().allMatch(setting -> setting.backend() == null)) return null;
        if (Chromium.find().isEmpty()) throw CommandException.wrongUse(Chromium.MISSING);
        return new Bench(alone ? null : new PeerPackages().npm("npm"));
    }

    private @Nullable Place jvm(List<Setting> settings) throws IOException, InterruptedException {
        if (settings.stream().noneMatch(setting -> setting.backend() == null)) return null;
        return new JvmBench(
                alone ? null : new PeerPackages().onnxRuntime("mvn"), isShort ? 100 : 2500);
    }

    private List<Cell> cells(String network, List<Setting> settings) {
        var cells = new ArrayList<Cell>();
        for (var setting : settings) {
            for (var competitor : Competitor.values())
                if (competitor == Competitor.WEBDNN || (!alone && competitor.isFor(setting)))
                    cells.add(new Cell(network, setting, competitor));
        }
        return cells;
    }

    private void measure(
            String network,
            List<Cell> cells,
            @Nullable Place page,
            @Nullable Place jvm,
            Report before)
            throws IOException, InterruptedException {
        var graph = Networks.graph(network);
        var input = Networks.input(graph);
        var expected = Program.compile(graph).run(List.of(input)).getFirst().floats();
        if (page != null) page.serve(network, graph, input);
        if (jvm != null) jvm.serve(network, graph, input);
        for (int round = 1; round <= rounds; round++) {
            int number = 0;
            for (var cell : cells) {
                number++;
                if (round > 1 && !cell.isOpen(budget)) continue;
                measure(cell, Objects.requireNonNull(cell.isOnJvm() ? jvm : page), expected);
                say("round %d, %d of %d: %s".formatted(round, number, cells.size(), cell));
                if (directory == null) continue;
                var report = before;
                for (var each : cells) if (each.isSeen()) report = report.with(row(each));
                report.write(directory);
            }
        }
    }

    /// Measures a cell until the machine is quiet, but not too often.
    private void measure(Cell cell, Place place, float[] expected)
            throws IOException, InterruptedException {
        for (int attempt = 0; attempt <= REPEATS; attempt++) {
            if (attempt > 0 && !cell.isOpen(budget)) return;
            long begin = System.nanoTime();
            try {
                var sample = cell.measure(place);
                double best = Math.min(sample.calibration(), calibration(cell));
                calibration.put(cell.isOnJvm(), best);
                cell.add(sample, expected, (System.nanoTime() - begin) / 1e9);
                if (sample.calibration() <= NOISY * best) return;
            } catch (RuntimeException e) { // the others are measured all the same
                cell.fail(Objects.requireNonNullElse(e.getMessage(), e.toString()));
            }
        }
    }

    private Row row(Cell cell) {
        return cell.row(calibration(cell));
    }

    private double calibration(Cell cell) {
        return calibration.getOrDefault(cell.isOnJvm(), Double.MAX_VALUE);
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    private Map<String, String> facts() {
        var facts = new LinkedHashMap<String, String>();
        facts.put("machine", machine());
        facts.put("browser", Chromium.version());
        facts.put("Java", System.getProperty("java.vm.version", ""));
        facts.put("peers", String.join(", ", PeerPackages.NPM) + ", " + PeerPackages.ONNX_RUNTIME);
        if (!note.isEmpty()) facts.put("note", note);
        return facts;
    }

    private static String machine() {
        return "%s%s, %s, %d processors"
                .formatted(
                        processor(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors());
    }

    /// {@return what Linux calls the processor, and a comma}
    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.replaceFirst(".*:\\s*", "") + ", ")
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
