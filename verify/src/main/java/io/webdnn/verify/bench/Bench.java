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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Measures competitors in a browser, each in a fresh one, and takes what they compute.
final class Bench implements AutoCloseable {
    /// A page gives a sign of life after each run.
    private static final int SECONDS = 120;

    private final JobPage page = new JobPage(Bench.class, "bench", SECONDS);
    private final TestServer server = page.server();
    private final Brotli brotli = new Brotli("node");

    /// @param modules the directory with the peers' npm packages, or null to measure without peers
    Bench(@Nullable Path modules) throws IOException {
        server.keep("/webdnn.js");
        server.keep("/npm/");
        server.keep("/network/");
        if (modules == null) return;
        put(modules, "onnxruntime-web/dist", "(ort\\..*\\.min\\.mjs|ort-wasm.*)");
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

    /// Puts a network where the peers find it, in the place of the one before.
    void serve(Graph graph, Tensor input) {
        server.remove("/network/");
        server.put("/network/model.onnx", OnnxExporter.bytes(graph));
        server.put("/network/input", RawElements.bytes(input, ByteOrder.LITTLE_ENDIAN));
    }

    /// Puts a network where ours finds it.
    ///
    /// @throws RuntimeException for what the compiler cannot do
    void serve(Graph graph, Backend backend) {
        GraphDescriptor.generate(backend, graph)
                .files()
                .forEach((file, content) -> server.put("/network/" + file, content));
    }

    /// {@return what a fresh browser saw}
    ///
    /// @throws IllegalStateException with what the page says, or because it does not answer
    Sample measure(int[] shape, Competitor competitor, Setting setting)
            throws IOException, InterruptedException {
        var extents = Arrays.stream(shape).mapToObj(String::valueOf).toList();
        var job =
                """
                directory /network
                shape %s
                competitor %s
                backend %s
                threads %d
                """
                        .formatted(
                                String.join(",", extents),
                                competitor,
                                setting.backend(),
                                setting.threads());
        page.renew();
        var answer = page.ask(job + "visit first\n");
        double memory = PageMemory.peak();
        var seen = words(answer);
        var output = new float[answer.bytes().remaining() / Float.BYTES];
        answer.bytes().asFloatBuffer().get(output);
        var again = words(page.ask(job + "visit again\n"));
        return new Sample(
                number(seen, "load"),
                number(again, "load"),
                (long) number(seen, "bytes"),
                brotli.size(code(List.of(seen.getOrDefault("files", "").split(",", -1)))),
                memory,
                number(seen, "calibration"),
                Arrays.stream(seen.getOrDefault("times", "").split(",", -1))
                        .map(Double::valueOf)
                        .toList(),
                Tensor.of(output, output.length));
    }

    private static Map<String, String> words(JobPage.Answer answer) {
        var values = new HashMap<String, String>();
        for (var line : answer.lines()) {
            var words = line.split(" ", 2);
            values.put(words[0], words[words.length - 1]);
        }
        var error = values.get("error");
        if (error != null) throw new IllegalStateException(error);
        return values;
    }

    private static double number(Map<String, String> values, String name) {
        return Double.parseDouble(values.getOrDefault(name, ""));
    }

    /// {@return of some files those that hold no weights}
    private Map<String, byte[]> code(List<String> files) {
        var code = new TreeMap<String, byte[]>();
        for (var file : files)
            if (!file.matches("/network/(weight_.*\\.bin|model\\.onnx|input)"))
                code.put(file, server.content(file));
        return code;
    }

    @Override
    public void close() {
        page.close();
    }
}
