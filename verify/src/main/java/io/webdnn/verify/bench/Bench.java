package io.webdnn.verify.bench;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import io.webdnn.verify.browser.JobPage;
import io.webdnn.verify.browser.TestServer;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Measures competitors in a browser, each in a fresh one, and takes what they compute.
final class Bench implements Place {
    /// A page gives a sign of life after each run; the first one has the compiler of a GPU before
    /// it.
    private static final int SECONDS = 300;

    private final JobPage page = new JobPage(Bench.class, "bench", SECONDS, List.of());
    private final TestServer server = page.server();
    private final Set<String> made = new HashSet<>();
    private @Nullable Graph graph;
    private @Nullable Tensor input;
    private final Brotli brotli = new Brotli("node");

    /// @param modules the directory with the peers' npm packages, or null to measure without peers
    Bench(@Nullable Path modules) throws IOException {
        server.keep("/webdnn.js");
        server.keep("/npm/");
        server.put("/kernels.js", KernelTable.script());
        server.keep("/network/");
        if (modules == null) return;
        put(modules, "onnxruntime-web/dist", "(ort\\..*\\.min\\.mjs|ort-wasm.*)");
        put(modules, "@tensorflow/tfjs/dist", "tf\\.min\\.js");
        put(modules, "@tensorflow/tfjs-backend-wasm/dist", ".*\\.(min\\.js|wasm)");
        put(modules, "@tensorflow/tfjs-backend-webgpu/dist", ".*\\.min\\.js");
    }

    private void put(Path modules, String directory, String names) throws IOException {
        try (var files = Files.list(modules.resolve(directory))) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (name.matches(names))
                    server.put("/npm/" + directory + "/" + name, Files.readAllBytes(file));
            }
        }
    }

    @Override
    public void serve(String name, Graph graph, Tensor input) {
        server.remove("/network/");
        made.clear();
        this.graph = graph;
        this.input = input;
    }

    /// Makes what a competitor loads, once.
    private void make(Competitor competitor, Backend backend) {
        var network = Objects.requireNonNull(graph);
        var x = Objects.requireNonNull(input);
        boolean isOurs = competitor == Competitor.WEBDNN;
        if (!made.add(isOurs ? competitor + " " + backend : competitor.toString())) return;
        switch (competitor) {
            case WEBDNN -> GraphDescriptor.generate(backend, network).files().forEach(this::put);
            case ONNXRUNTIME -> put("model.onnx", OnnxExporter.bytes(network));
            case TENSORFLOW -> {
                var layers = TensorFlowLayers.of(network);
                put("layers.json", layers.description());
                put("layers.bin", layers.weights());
                x = TensorFlowLayers.channelsLast(x);
            }
        }
        put("input-" + competitor, RawElements.bytes(x, ByteOrder.LITTLE_ENDIAN));
    }

    private void put(String file, byte[] content) {
        server.put("/network/" + file, content);
    }

    @Override
    public Sample measure(Competitor competitor, Setting setting)
            throws IOException, InterruptedException {
        make(competitor, Objects.requireNonNull(setting.backend()));
        var extents = Arrays.stream(Objects.requireNonNull(input).shape());
        var job =
                """
                directory /network
                shape %s
                competitor %s
                backend %s
                threads %d
                """
                        .formatted(
                                extents.mapToObj(String::valueOf).collect(Collectors.joining(",")),
                                competitor,
                                setting.backend(),
                                setting.threads());
        page.renew();
        var answer = page.ask(job + "visit first\n");
        double memory = PageMemory.peak();
        var seen = new Words(answer.lines());
        var again = new Words(page.ask(job + "visit again\n").lines());
        return new Sample(
                seen.number("load"),
                again.number("load"),
                (long) seen.number("bytes"),
                brotli.size(code(List.of(seen.text("files").split(",", -1)))),
                memory,
                seen.number("calibration"),
                seen.numbers("times"),
                Sample.row(answer.bytes()));
    }

    /// {@return what our kernels cost on a backend}
    ///
    /// @throws RuntimeException telling why ours failed
    KernelTable kernels(Backend backend) throws InterruptedException {
        make(Competitor.WEBDNN, backend);
        page.renew();
        var seen =
                new Words(
                        page.ask(
                                        """
                                        directory /network
                                        competitor webdnn
                                        backend %s
                                        threads 1
                                        visit kernels
                                        """
                                                .formatted(backend))
                                .lines());
        return new KernelTable(
                seen.number("flops"),
                seen.number("bandwidth"),
                KernelCost.of(Objects.requireNonNull(graph), backend),
                seen.numbers("times"));
    }

    /// {@return of some files those that hold no weights}
    private Map<String, byte[]> code(List<String> files) {
        var code = new TreeMap<String, byte[]>();
        for (var file : files)
            if (!file.matches("/network/(weight_.*\\.bin|layers\\.bin|model\\.onnx)"))
                code.put(file, server.content(file));
        return code;
    }

    @Override
    public void close() {
        page.close();
    }
}
