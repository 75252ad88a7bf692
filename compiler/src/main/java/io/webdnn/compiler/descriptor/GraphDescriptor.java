package io.webdnn.compiler.descriptor;

import com.fasterxml.jackson.core.JsonGenerator;
import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Compiled;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.emit.glsl.GlslEmitter;
import io.webdnn.compiler.emit.wasm.WasmModule;
import io.webdnn.compiler.emit.wgsl.WgslEmitter;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.SharedLoop;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.compiler.weights.WeightFile;
import io.webdnn.graph.Graph;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

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

    private static final String GENERATOR = "WebDNN for Java 0.1.0";

    /// The plans for WebGL, by their largest texture: how many layers of a texture the device can
    /// write at once. WebGL2 promises four.
    private static final Map<Integer, Integer> LAYERS =
            new TreeMap<>(Map.of(4096, 4, 8192, 8, 16384, 8));

    private final Map<String, byte[]> files;

    private GraphDescriptor(Map<String, byte[]> files) {
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
        var files = new LinkedHashMap<String, byte[]>();
        var golden = GoldenVectors.of(graph);
        for (var backend : new LinkedHashSet<>(backends)) {
            switch (backend) {
                case WEBGPU -> {
                    var compiled = Compiler.compile(graph, backend.target());
                    var code = new Sources(compiled, WgslEmitter::emit);
                    add(files, compiled, code, golden, encoding, "graph_webgpu.json", 0);
                }
                case WEBGL -> {
                    var byLayers = new HashMap<Integer, Compiled>();
                    for (int texture : LAYERS.keySet()) {
                        var compiled =
                                byLayers.computeIfAbsent(
                                        LAYERS.getOrDefault(texture, 1),
                                        n -> Compiler.compile(graph, backend.target(), n));
                        var code =
                                new Sources(compiled, kernel -> GlslEmitter.emit(kernel, texture));
                        add(
                                files,
                                compiled,
                                code,
                                golden,
                                encoding,
                                "graph_webgl_" + texture + ".json",
                                texture);
                    }
                }
                case WEBASSEMBLY -> {
                    var compiled = Compiler.compile(graph, backend.target());
                    var code = new Modules(compiled);
                    add(files, compiled, code, golden, encoding, "graph_webassembly.json", 0);
                    files.put(Modules.SIMD, code.simd.bytes());
                    files.put(Modules.RELAXED, code.relaxed.bytes());
                }
            }
        }
        return new GraphDescriptor(files);
    }

    private static void add(
            Map<String, byte[]> files,
            Compiled compiled,
            PlanWriter.Code code,
            GoldenVectors golden,
            Encoding encoding,
            String name,
            int texture) {
        var weights = new WeightFile(encoding);
        var weightName = "weight_" + compiled.target() + ".bin";
        var text =
                new PlanWriter(compiled, code, weights, golden)
                        .write(GENERATOR, convertedAt(), texture, weightName);
        files.put(name, text.getBytes(StandardCharsets.UTF_8));
        if (weights.toBytes().length == 0) return;
        var other = files.put(weightName, weights.toBytes());
        if (other != null && !Arrays.equals(other, weights.toBytes()))
            throw new AssertionError(name + ": expected the weights of the plan before");
    }

    private static long convertedAt() {
        var pinned = System.getenv("SOURCE_DATE_EPOCH");
        return pinned != null && pinned.matches("\\d{1,18}")
                ? Long.parseLong(pinned)
                : System.currentTimeMillis() / 1000;
    }

    /// {@return the files by name}
    public Map<String, byte[]> files() {
        return Map.copyOf(files);
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
        var names = new ArrayList<>(files.keySet());
        names.sort((a, b) -> Boolean.compare(a.endsWith(".json"), b.endsWith(".json")));
        for (var name : names) {
            var file = directory.resolve(name);
            try {
                AtomicFile.write(file, files.getOrDefault(name, new byte[0]));
            } catch (IOException e) {
                throw FileException.writing(file, e);
            }
        }
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void runs(List<Call> calls, Consumer<Call.Run> consumer) {
        for (var call : calls) {
            switch (call) {
                case Call.Run run -> consumer.accept(run);
                case Call.Repeat repeat -> runs(repeat.body(), consumer);
                case Call.Host _, Call.Library _ -> {}
            }
        }
    }

    /// Shader texts in the plan itself, equal ones once.
    private static final class Sources implements PlanWriter.Code {
        private final Map<String, Integer> texts = new LinkedHashMap<>();
        private final Map<Kernel, Integer> numbers = new HashMap<>();

        Sources(Compiled compiled, Function<Kernel, String> emitter) {
            runs(
                    compiled.calls(),
                    run -> {
                        var text = emitter.apply(run.kernel());
                        texts.putIfAbsent(text, texts.size());
                        numbers.put(run.kernel(), texts.getOrDefault(text, -1));
                    });
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeArrayFieldStart("modules");
            for (var text : texts.keySet()) json.writeString(text);
            json.writeEndArray();
        }

        @Override
        public void reference(JsonGenerator json, Call.Run run) throws IOException {
            json.writeNumber(numbers.getOrDefault(run.kernel(), -1));
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
            runs(compiled.calls(), run -> kernels.add(run.kernel()));
            simd = WasmModule.of(kernels, false);
            relaxed = WasmModule.of(kernels, true);
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeObjectFieldStart("code");
            PlanWriter.file(json, "simd", SIMD, simd.bytes());
            PlanWriter.file(json, "relaxed", RELAXED, relaxed.bytes());
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
