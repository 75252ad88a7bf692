package io.webdnn.verify.bench;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.verify.browser.JobPage;
import io.webdnn.verify.browser.TestServer;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Measures a model of the user's in a browser, on one backend, beside ONNX Runtime Web: both in
/// turn, each round in a page of its own.
final class ModelBench implements AutoCloseable {
    private static final int SECONDS = 300;
    private static final int SEED = 1;

    private final JobPage page = new JobPage(ModelBench.class, "model", SECONDS, List.of());
    private final TestServer server = page.server();
    private final @Nullable Path peer;

    /// @param modules the directory with ONNX Runtime Web, or null to measure ours alone
    ModelBench(@Nullable Path modules) throws IOException {
        peer = modules;
        server.keep("/webdnn.js");
        server.keep("/npm/");
        server.put("/kernels.js", KernelTable.script());
        if (modules == null) return;
        try (var files = Files.list(modules.resolve("onnxruntime-web/dist"))) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (name.matches("(ort\\..*\\.min\\.mjs|ort-wasm.*)"))
                    server.put("/npm/onnxruntime-web/dist/" + name, Files.readAllBytes(file));
            }
        }
    }

    /// What was seen of a model; times in milliseconds.
    ///
    /// @param peer NaN where it was not measured
    /// @param difference of the first outputs, over the largest element of ours
    record Seen(double ours, double peer, double difference, String peerError) {
        double ratio() {
            return ours / peer;
        }

        String line(String name) {
            if (!peerError.isEmpty())
                return "%s: %.2f ms; ONNX Runtime: %s".formatted(name, ours, peerError);
            if (Double.isNaN(peer)) return "%s: %.2f ms".formatted(name, ours);
            return "%s: %.2f ms, ONNX Runtime %.2f ms, ratio %.2f; outputs differ by %.1e"
                    .formatted(name, ours, peer, ratio(), difference);
        }
    }

    /// Measures a model.
    ///
    /// @param shapes of the inputs, in order; as declared behind these
    Seen measure(Path model, List<Shape> shapes, Backend backend, int rounds)
            throws IOException, InterruptedException {
        var graph = graph(model, shapes);
        var job = serve(graph, backend);
        server.put("/network/model.onnx", Files.readAllBytes(model));
        var ours = new ArrayList<Double>();
        var theirs = new ArrayList<Double>();
        var error = "";
        double difference = 0;
        for (int round = 0; round < rounds; round++) {
            var own = page.ask(job + "competitor webdnn\n");
            ours.addAll(new Words(own.lines()).numbers("times"));
            if (peer == null || !error.isEmpty()) continue;
            try {
                var other = page.ask(job + "competitor onnxruntime\n");
                theirs.addAll(new Words(other.lines()).numbers("times"));
                difference =
                        Math.max(
                                difference,
                                Sample.difference(
                                        Sample.row(other.bytes()).floats(),
                                        Sample.row(own.bytes()).floats()));
            } catch (IllegalStateException e) { // ours are measured all the same
                error = String.valueOf(e.getMessage());
            }
        }
        return new Seen(
                Sample.percentile(ours.stream(), 0.5),
                theirs.isEmpty() ? Double.NaN : Sample.percentile(theirs.stream(), 0.5),
                difference,
                error);
    }

    /// {@return what our kernels cost on a backend}
    ///
    /// @param shapes of the inputs, in order; as declared behind these
    KernelTable kernels(Path model, List<Shape> shapes, Backend backend)
            throws InterruptedException {
        var graph = graph(model, shapes);
        var costs = KernelCost.of(graph, backend);
        var job = serve(graph, backend);
        var seen = new Words(page.ask(job + "competitor webdnn\nvisit kernels\n").lines());
        return new KernelTable(
                seen.number("flops"), seen.number("bandwidth"), costs, seen.numbers("times"));
    }

    /// {@return the model's graph, with 1 for each symbol of the shapes}
    private static Graph graph(Path model, List<Shape> shapes) {
        var importer = OnnxImporter.read(model);
        var inputs = importer.inputs();
        for (int i = 0; i < inputs.size(); i++) {
            var shape = i < shapes.size() ? shapes.get(i) : inputs.get(i).shape();
            if (shape == null) continue; // the importer says what it thinks of it
            var extents = shape.dimensions().stream().map(d -> Dimension.of(d.valueAt(1))).toList();
            importer.shape(inputs.get(i).name(), new Shape(extents));
        }
        return importer.graph();
    }

    /// Serves the network in place of the one before.
    ///
    /// @return what the page is told of it
    private String serve(Graph graph, Backend backend) {
        server.remove("/network/");
        GraphDescriptor.generate(backend, graph)
                .files()
                .forEach((file, bytes) -> server.put("/network/" + file, bytes));
        return job(graph, backend);
    }

    private String job(Graph graph, Backend backend) {
        var job = new StringBuilder("backend " + backend + "\n");
        var random = new RandomStream(SEED, 0);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (var input : graph.inputs()) {
            var type = input.type();
            var tensor = Tensor.zeros(type.dtype(), type.shape().toInts());
            for (int i = 0; i < tensor.size(); i++) {
                float uniform = random.nextFloat();
                if (type.dtype().isFloat()) tensor.setDouble(i, uniform);
                else tensor.setLong(i, uniform < 0.5 ? 0 : 1);
            }
            inputs.put(input.name(), tensor);
        }
        int number = 0;
        for (var input : inputs.entrySet()) {
            var tensor = input.getValue();
            server.put(
                    "/network/input" + number, RawElements.bytes(tensor, ByteOrder.LITTLE_ENDIAN));
            server.put(
                    "/network/wide" + number++,
                    RawElements.bytes(wide(tensor), ByteOrder.LITTLE_ENDIAN));
            job.append("input ")
                    .append(tensor.dtype().toString().toLowerCase(Locale.ROOT))
                    .append(' ')
                    .append(wide(tensor).dtype())
                    .append(' ')
                    .append(
                            Arrays.stream(tensor.shape())
                                    .mapToObj(String::valueOf)
                                    .collect(Collectors.joining(",")))
                    .append(' ')
                    .append(input.getKey())
                    .append('\n');
        }
        job.append("output ").append(graph.outputNames().getFirst()).append('\n');
        return job.toString();
    }

    /// Numbers of 32 bits, as our runtime takes them.
    private static Tensor wide(Tensor tensor) {
        var dtype = tensor.dtype().isFloat() ? DType.FLOAT32 : DType.INT32;
        if (tensor.dtype() == dtype) return tensor;
        var wide = Tensor.zeros(dtype, tensor.shape());
        for (int i = 0; i < wide.size(); i++) {
            if (dtype == DType.FLOAT32) wide.setDouble(i, tensor.getDouble(i));
            else wide.setLong(i, tensor.getLong(i));
        }
        return wide;
    }

    @Override
    public void close() {
        page.close();
    }
}
