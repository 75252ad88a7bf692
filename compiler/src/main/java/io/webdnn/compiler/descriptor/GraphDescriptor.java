package io.webdnn.compiler.descriptor;

import com.fasterxml.jackson.core.JsonGenerator;
import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Compiled;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.Precision;
import io.webdnn.compiler.emit.glsl.GlslEmitter;
import io.webdnn.compiler.emit.glsl.SharedShaders;
import io.webdnn.compiler.emit.glsl.SharedShaders.Shared;
import io.webdnn.compiler.emit.wasm.WasmModule;
import io.webdnn.compiler.emit.wgsl.WgslEmitter;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.SharedLoop;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.compiler.weights.QuantizeWeights;
import io.webdnn.compiler.weights.WeightFile;
import io.webdnn.graph.Graph;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A network compiled for browsers: the files that `WebDNN.load` reads (`docs/descriptor.md`).
///
/// ```java
/// GraphDescriptor.generate(Backend.WEBGL, graph).save(Path.of("webdnn_graph_descriptor"));
/// ```
///
/// The same graph gives the same bytes, but for `converted_at`, which the environment variable
/// `SOURCE_DATE_EPOCH` pins.
public final class GraphDescriptor {
    /// The version of the format.
    public static final int FORMAT = 2;

    /// The version of plans with loops, or with sizes that are limited or must be equal, which
    /// readers of the one before would pass over.
    public static final int LATER_FORMAT = 3;

    private static final String GENERATOR = "WebDNN for Java 0.1.0";

    /// The plans for WebGL, by their largest texture: how many layers of a texture the device can
    /// write at once. WebGL2 promises four.
    private static final Map<Integer, Integer> LAYERS =
            new TreeMap<>(Map.of(4096, 4, 8192, 8, 16384, 8));

    private final Map<String, AtomicFile.Content> files;

    private GraphDescriptor(Map<String, AtomicFile.Content> files) {
        this.files = files;
    }

    /// {@return the descriptor of a graph for one backend}
    ///
    /// @throws io.webdnn.compiler.CompileException for what the backend cannot do; names the node
    public static GraphDescriptor generate(Backend backend, Graph graph) {
        return generate(List.of(backend), graph, Encoding.RAW);
    }

    /// {@return the descriptor of a graph for several backends}
    ///
    /// @param encoding how weights are stored
    /// @throws io.webdnn.compiler.CompileException for what a backend cannot do; names the node
    public static GraphDescriptor generate(
            Collection<Backend> backends, Graph graph, Encoding encoding) {
        return generate(backends, graph, encoding, false);
    }

    /// {@return the descriptor of a graph for several backends}
    ///
    /// @param encoding how weights are stored
    /// @param float16Arithmetic whether WebGPU adds up products of float16 as float16, up to eight
    ///   at a time, on devices that have it: faster on many, and less exact
    /// @throws io.webdnn.compiler.CompileException for what a backend cannot do; names the node
    public static GraphDescriptor generate(
            Collection<Backend> backends,
            Graph graph,
            Encoding encoding,
            boolean float16Arithmetic) {
        var files = new LinkedHashMap<String, AtomicFile.Content>();
        var simple = Compiler.simplify(graph);
        if (encoding == Encoding.EIGHTBIT) simple = new QuantizeWeights().apply(simple);
        var golden = golden(simple);
        var precision =
                new Precision(
                        encoding == Encoding.FLOAT16,
                        float16Arithmetic && simple.computes(DType.FLOAT16));
        for (var backend : new LinkedHashSet<>(backends)) {
            var weights = new WeightFile(encoding);
            switch (backend) {
                case WEBGPU -> {
                    var most = List.of(backend.target().mostLayers());
                    var compiled =
                            Compiler.compile(simple, backend.target(), most, precision).getFirst();
                    var code = new Sources(compiled, WgslEmitter::emit, GraphDescriptor::alone);
                    var near = precision.halfProducts() ? halfProducts(golden) : golden;
                    var writer = new PlanWriter(compiled, code, weights, near);
                    write(files, backend, Map.of(0, writer), weights);
                }
                case WEBGL -> {
                    var devices = List.copyOf(new TreeSet<>(LAYERS.values()));
                    var compiled = Compiler.compile(simple, backend.target(), devices, precision);
                    var writers = new TreeMap<Integer, PlanWriter>();
                    LAYERS.forEach((texture, layers) -> {
                        var plan = compiled.get(devices.indexOf(layers));
                        var code =
                                new Sources(
                                        plan, k -> GlslEmitter.emit(k, texture), SharedShaders::of);
                        writers.put(texture, new PlanWriter(plan, code, weights, golden));
                    });
                    write(files, backend, writers, weights);
                }
                case WEBASSEMBLY -> {
                    var compiled = Compiler.compile(simple, backend.target());
                    var code = new Modules(compiled);
                    var writer = new PlanWriter(compiled, code, weights, golden);
                    write(files, backend, Map.of(0, writer), weights);
                    files.put(Modules.SIMD, out -> out.write(code.simd.bytes()));
                    files.put(Modules.RELAXED, out -> out.write(code.relaxed.bytes()));
                }
            }
        }
        return new GraphDescriptor(files);
    }

    /// {@return vectors that are computed when a plan is written: what a backend refuses, it
    /// refuses before}
    private static Supplier<Optional<GoldenVectors>> golden(Graph graph) {
        var computed = new ArrayList<Optional<GoldenVectors>>(1);
        return () -> {
            if (computed.isEmpty()) computed.add(GoldenVectors.of(graph));
            return computed.getFirst();
        };
    }

    private static Supplier<Optional<GoldenVectors>> halfProducts(
            Supplier<Optional<GoldenVectors>> golden) {
        return () -> golden.get().map(GoldenVectors::ofHalfProducts);
    }

    /// Writes plans that share a weight file, which is whole by now.
    ///
    /// @param plans by their largest texture, 0 where there are none
    private static void write(
            Map<String, AtomicFile.Content> files,
            Backend backend,
            Map<Integer, PlanWriter> plans,
            WeightFile weights) {
        var file = FileEntry.of("weight_" + backend.target() + ".bin", weights::writeTo);
        plans.forEach((texture, plan) -> {
            var text = plan.write(GENERATOR, convertedAt(), texture, file);
            var content = text.getBytes(StandardCharsets.UTF_8);
            var suffix = texture == 0 ? "" : "_" + texture;
            files.put("graph_" + backend.target() + suffix + ".json", out -> out.write(content));
        });
        if (file.bytes() > 0) files.put(file.name(), weights::writeTo);
    }

    private static long convertedAt() {
        var pinned = System.getenv("SOURCE_DATE_EPOCH");
        return pinned != null && pinned.matches("\\d{1,18}")
                ? Long.parseLong(pinned)
                : System.currentTimeMillis() / 1000;
    }

    /// {@return the files by name}
    ///
    /// @throws OutOfMemoryError if one is larger than an array can be; [#save] writes it
    public Map<String, byte[]> files() {
        var all = new HashMap<String, byte[]>();
        files.forEach((name, content) -> {
            var bytes = new ByteArrayOutputStream();
            try {
                content.writeTo(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // memory does not fail
            }
            all.put(name, bytes.toByteArray());
        });
        return Collections.unmodifiableMap(all);
    }

    /// Writes the files into a directory, which is made if it is missing; other files there stay.
    ///
    /// Each file is complete or not there. Plans are written last, so that a plan never stands
    /// without its weights.
    ///
    /// @throws FileException naming what could not be written
    public void save(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw FileException.writing(directory, e);
        }
        var inOrder = new ArrayList<>(files.entrySet());
        inOrder.sort(Comparator.comparing(entry -> entry.getKey().endsWith(".json")));
        for (var entry : inOrder) {
            var file = directory.resolve(entry.getKey());
            try {
                AtomicFile.write(file, entry.getValue());
            } catch (IOException e) {
                throw FileException.writing(file, e);
            }
        }
    }

    private static void runs(List<Call> calls, Consumer<Call.Run> consumer) {
        for (var call : calls) {
            switch (call) {
                case Call.Run run -> consumer.accept(run);
                case Call.Repeat repeat -> runs(repeat.body(), consumer);
                case Call.Host _, Call.Measure _, Call.Library _ -> {}
            }
        }
    }

    private static Map<String, Shared> alone(Collection<String> texts) {
        return texts.stream().collect(Collectors.toMap(t -> t, t -> new Shared(t, List.of())));
    }

    /// Shader texts in the plan itself, equal ones once.
    private static final class Sources implements PlanWriter.Code {
        private final Map<Kernel, Shared> shaders = new HashMap<>();
        private final Map<String, Integer> modules = new LinkedHashMap<>();

        Sources(
                Compiled compiled,
                Function<Kernel, String> emitter,
                Function<Collection<String>, Map<String, Shared>> share) {
            var texts = new LinkedHashMap<Kernel, String>();
            runs(compiled.initial(), run -> texts.computeIfAbsent(run.kernel(), emitter));
            runs(compiled.calls(), run -> texts.computeIfAbsent(run.kernel(), emitter));
            var shared = share.apply(new LinkedHashSet<>(texts.values()));
            texts.forEach((kernel, text) -> {
                var shader = Objects.requireNonNull(shared.get(text));
                modules.putIfAbsent(shader.text(), modules.size());
                shaders.put(kernel, shader);
            });
        }

        private Shared shader(Call.Run run) {
            return Objects.requireNonNull(shaders.get(run.kernel()), run.kernel().name());
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeArrayFieldStart("modules");
            for (var text : modules.keySet()) json.writeString(text);
            json.writeEndArray();
        }

        @Override
        public void reference(JsonGenerator json, Call.Run run) throws IOException {
            json.writeNumber(modules.getOrDefault(shader(run).text(), -1));
        }

        @Override
        public List<Integer> numbers(Call.Run run) {
            return shader(run).numbers();
        }
    }

    /// Two WebAssembly modules beside the plan.
    private static final class Modules implements PlanWriter.Code {
        static final String SIMD = "kernels_simd.wasm";
        static final String RELAXED = "kernels_relaxed.wasm";

        private final List<Kernel> kernels = new ArrayList<>();
        private final WasmModule simd;
        private final WasmModule relaxed;

        Modules(Compiled compiled) {
            runs(compiled.initial(), run -> kernels.add(run.kernel()));
            runs(compiled.calls(), run -> kernels.add(run.kernel()));
            simd = WasmModule.of(kernels, false);
            relaxed = WasmModule.of(kernels, true);
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeObjectFieldStart("code");
            FileEntry.of(SIMD, out -> out.write(simd.bytes())).write(json, "simd");
            FileEntry.of(RELAXED, out -> out.write(relaxed.bytes())).write(json, "relaxed");
            json.writeEndObject();
        }

        @Override
        public void reference(JsonGenerator json, Call.Run run) throws IOException {
            json.writeString(simd.exports().get(kernels.indexOf(run.kernel())));
        }

        @Override
        public Optional<SharedLoop> shared(Call.Run run) {
            return simd.shared().get(kernels.indexOf(run.kernel()));
        }
    }
}
