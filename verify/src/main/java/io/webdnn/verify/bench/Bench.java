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
import org.jspecify.annotations.Nullable;

/// Measures competitors in one browser, each in a fresh page, and takes what they compute.
final class Bench implements AutoCloseable {
    private static final int SECONDS = 120;

    /// What one page saw of one competitor; times are in milliseconds.
    record Sample(
            double first, long bytes, double calibration, List<Double> times, Tensor output) {}

    private final JobPage page = new JobPage(Bench.class, "bench", SECONDS);
    private final TestServer server = page.server();

    /// @param modules the directory with the peers' npm packages, or null to measure without peers
    Bench(@Nullable Path modules) throws IOException {
        if (modules == null) return;
        try (var files = Files.list(modules.resolve("onnxruntime-web/dist"))) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (name.endsWith(".min.mjs") || name.startsWith("ort-wasm"))
                    server.put("/npm/onnxruntime-web/dist/" + name, Files.readAllBytes(file));
            }
        }
    }

    /// Puts a network where its competitors find it.
    void serve(String name, Graph graph, Tensor input, List<Backend> backends) {
        for (var backend : backends)
            GraphDescriptor.generate(backend, graph)
                    .files()
                    .forEach((file, content) -> server.put("/" + name + "/" + file, content));
        server.put("/" + name + "/model.onnx", OnnxExporter.bytes(graph));
        server.put("/" + name + "/input", RawElements.bytes(input, ByteOrder.LITTLE_ENDIAN));
    }

    /// {@return what a fresh page saw}
    ///
    /// @throws IllegalStateException with what the page says, or because it does not answer
    Sample measure(String name, int[] shape, Competitor competitor, Setting setting)
            throws InterruptedException {
        var extents = Arrays.stream(shape).mapToObj(String::valueOf).toList();
        var answer =
                page.ask(
                        "directory /%s\nshape %s\ncompetitor %s\nbackend %s\nthreads %d\n"
                                .formatted(
                                        name,
                                        String.join(",", extents),
                                        competitor,
                                        setting.backend(),
                                        setting.threads()));
        var values = new HashMap<String, String>();
        for (var line : answer.lines()) {
            var words = line.split(" ", 2);
            values.put(words[0], words[words.length - 1]);
        }
        var error = values.get("error");
        if (error != null) throw new IllegalStateException(error);
        var output = new float[answer.bytes().remaining() / Float.BYTES];
        answer.bytes().asFloatBuffer().get(output);
        return new Sample(
                Double.parseDouble(values.getOrDefault("first", "")),
                Long.parseLong(values.getOrDefault("bytes", "")),
                Double.parseDouble(values.getOrDefault("calibration", "")),
                Arrays.stream(values.getOrDefault("times", "").split(",", -1))
                        .map(Double::valueOf)
                        .toList(),
                Tensor.of(output, output.length));
    }

    @Override
    public void close() {
        page.close();
    }
}
