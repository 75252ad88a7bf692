package io.webdnn.verify.bench;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.runtime.BrowserRuntime;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.browser.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Measures competitors in one browser, each in a fresh page, and compares what they compute.
final class Bench implements AutoCloseable {
    private static final int SECONDS = 120;

    /// What one page saw of one competitor; times are in milliseconds.
    record Sample(
            double first, long bytes, double calibration, List<Double> times, Tensor output) {}

    private final TestServer server = TestServer.start();
    private final BlockingQueue<String> jobs = new ArrayBlockingQueue<>(1);
    private final BlockingQueue<String> results = new ArrayBlockingQueue<>(1);
    private final Map<String, float[]> outputs = new HashMap<>();
    private final Chromium browser;
    private int count;

    /// @param modules the directory with the peers' npm packages, or null to measure without peers
    Bench(@Nullable Path modules) throws IOException {
        for (var name : List.of("bench.html", "bench.js")) {
            try (InputStream in = Bench.class.getResourceAsStream(name)) {
                if (in == null) throw new IllegalStateException(name + " is missing in the build");
                server.put("/" + name, in.readAllBytes());
            }
        }
        server.put("/webdnn.js", BrowserRuntime.read("webdnn.js"));
        if (modules != null) {
            var distribution = modules.resolve("onnxruntime-web/dist");
            try (var files = Files.list(distribution)) {
                for (var file : files.toList()) {
                    var name = file.getFileName().toString();
                    if (name.endsWith(".min.mjs") || name.startsWith("ort-wasm"))
                        server.put("/npm/onnxruntime-web/dist/" + name, Files.readAllBytes(file));
                }
            }
        }
        server.handle(
                "/next",
                (_, _) -> {
                    var job = jobs.poll(10, TimeUnit.SECONDS);
                    return job == null ? null : job.getBytes(StandardCharsets.UTF_8);
                });
        server.handle(
                "/output",
                (query, body) -> {
                    synchronized (outputs) {
                        outputs.put(query, floats(body));
                    }
                    return null;
                });
        server.handle(
                "/result",
                (query, body) -> {
                    results.put(query + "\n" + new String(body, StandardCharsets.UTF_8));
                    return null;
                });
        browser = Chromium.open(server.address("/bench.html"));
    }

    /// Puts a network where its competitors find it.
    void serve(String name, Graph graph, Tensor input, List<Backend> backends) {
        for (var backend : backends)
            GraphDescriptor.generate(backend, graph)
                    .files()
                    .forEach((file, content) -> server.put("/" + name + "/" + file, content));
        server.put("/" + name + "/model.onnx", OnnxExporter.bytes(graph));
        server.put("/" + name + "/input", bytes(input));
    }

    /// {@return what a fresh page saw}
    ///
    /// @throws IllegalStateException with what the page says, or because it does not answer
    Sample measure(String name, int[] shape, Competitor competitor, Backend backend)
            throws InterruptedException {
        var number = "number=" + ++count;
        results.clear();
        jobs.put(
                "number %d\ndirectory /%s\nshape %s\ncompetitor %s\nbackend %s\n"
                        .formatted(
                                count,
                                name,
                                String.join(
                                        ",",
                                        Arrays.stream(shape).mapToObj(String::valueOf).toList()),
                                competitor,
                                backend));
        for (int second = 0; second < SECONDS && browser.isAlive(); second++) {
            var result = results.poll(1, TimeUnit.SECONDS);
            if (result == null || !result.startsWith(number + "\n")) continue;
            return sample(result.substring(number.length() + 1), number);
        }
        throw new IllegalStateException(
                "the browser: no answer in " + SECONDS + " s: " + browser.output());
    }

    private Sample sample(String text, String number) {
        var values = new HashMap<String, String>();
        for (var line : text.split("\n", -1)) {
            var words = line.split(" ", 2);
            values.put(words[0], words[words.length - 1]);
        }
        var error = values.get("error");
        if (error != null) throw new IllegalStateException(error);
        float[] output;
        synchronized (outputs) {
            output = outputs.remove(number);
        }
        if (output == null) throw new IllegalStateException("the page sent no output");
        var times = new ArrayList<Double>();
        for (var time : values.getOrDefault("times", "").split(",", -1))
            times.add(Double.valueOf(time));
        return new Sample(
                Double.parseDouble(values.getOrDefault("first", "")),
                Long.parseLong(values.getOrDefault("bytes", "")),
                Double.parseDouble(values.getOrDefault("calibration", "")),
                List.copyOf(times),
                Tensor.of(output, output.length));
    }

    private static byte[] bytes(Tensor tensor) {
        var out = new ByteArrayOutputStream();
        try {
            RawElements.write(tensor, ByteOrder.LITTLE_ENDIAN, out);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e); // memory does not fail
        }
        return out.toByteArray();
    }

    private static float[] floats(byte[] bytes) {
        var result = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(result);
        return result;
    }

    @Override
    public void close() {
        browser.close();
        server.close();
    }
}
