package io.webdnn.verify.runtime;

import io.webdnn.tensor.random.Philox;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Descriptors that were written by hand.
final class HandMadeModel {
    /// ```wat
    /// (module (import "env" "memory" (memory 0))
    ///   (func (export "twice") (param $x i32) (param $w i32) (param $y i32) (param $n i32) …
    ///     ;; n times, for j < 5: y[i, j] = 2 · x[i, j] + w[j]
    /// ```
    private static final String TWICE_WASM =
            "0061736d0100000001080160047f7f7f7f00020f0103656e76066d656d6f727902000003"
                    + "02010007090105747769636500000a5b015901027f02400340200420034e0d0141002105"
                    + "03402002430000004020002a020094200120054102746a2a020092380200200041046a21"
                    + "00200241046a2102200541016a210520054105480d000b200441016a21040c000b0b0b";

    /// The same with three for two, so that a test sees which module ran.
    private static final String THRICE_WASM =
            TWICE_WASM.replace("43000000402000", "43000040402000");

    /// ```wat
    /// (func (export "twice") (param i32 i32 i32 i32) unreachable)
    /// ```
    private static final String TRAP_WASM =
            "0061736d0100000001080160047f7f7f7f00020f0103656e76066d656d6f727902000003"
                    + "02010007090105747769636500000a05010300000b";

    /// ```wat
    /// (func (export "ink") (param $x i32) (param $y i32) …
    ///   ;; y[0] = the mean of x[0 … 783]; y[1] = 1 - y[0]
    /// ```
    private static final String INK_WASM =
            "0061736d0100000001060160027f7f00020f0103656e76066d656d6f7279020000030201"
                    + "0007070103696e6b00000a47014502017f017d03402003200020024102746a2a02009221"
                    + "03200241016a21022002419006480d000b20012003430000444495380200200143000080"
                    + "3f20012a0200933802040b";

    private static final String WGSL =
            "@group(0) @binding(0) var<storage, read> x: array<f32>;"
                    + "@group(0) @binding(1) var<storage, read> w: array<f32>;"
                    + "@group(0) @binding(2) var<storage, read_write> y: array<f32>;"
                    + "@group(0) @binding(3) var<uniform> p: array<vec4<i32>, 1>;"
                    + "@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id:"
                    + " vec3<u32>) { if (id.x < 5u * u32(p[0].x)) { y[id.x] = 2.0 * x[id.x] +"
                    + " w[id.x % 5u]; } }";

    private static final String GLSL =
            "#version 300 es\\nprecision highp float; precision highp int;"
                    + " uniform highp sampler2D t0; uniform highp sampler2D t1; uniform int width;"
                    + " layout(location = 0) out vec4 y; void main() { int t ="
                    + " int(gl_FragCoord.y) * width + int(gl_FragCoord.x); y = 2.0 *"
                    + " texelFetch(t0, ivec2(t % width, t / width), 0) + texelFetch(t1, ivec2(t %"
                    + " 2, 0), 0); }";

    private HandMadeModel() {}

    /// `y[n, c] = 2 · x[n, c] + w[c]`, `w = 1 … 5`, for all backends; its golden vectors are right.
    static Map<String, byte[]> twice() {
        var files = new LinkedHashMap<String, byte[]>();
        var weights = littleEndian(1, 2, 3, 4, 5);
        var texels = littleEndian(1, 2, 3, 4, 5, 0, 0, 0);
        var wasm = HexFormat.of().parseHex(TWICE_WASM);
        files.put("weight_webgpu.bin", weights);
        files.put("weight_webgl.bin", texels);
        files.put("weight_webassembly.bin", weights);
        files.put("kernels_simd.wasm", wasm);
        files.put("kernels_relaxed.wasm", wasm);
        var plain =
                """
                [{"type":"float32","elements":["*","N",5],"slot":0},\
                {"type":"float32","elements":5,"weight":[0,20],"encoding":"raw"},\
                {"type":"float32","elements":["*","N",5],"slot":1}]\
                """;
        var kernel =
                """
                "kernels":[{"name":"double_it","module":%s,"buffers":[0,1,2],"writes":1,\
                "parameters":["N"],"groups":[%s]}]\
                """;
        putText(
                files,
                "graph_webgpu.json",
                descriptor("webgpu", plain, file("weight_webgpu.bin", weights))
                        + "\"modules\":[\""
                        + WGSL
                        + "\"],"
                        + kernel.formatted("0", "[\"//\",[\"+\",[\"*\",\"N\",5],63],64]")
                        + "}");
        for (int side : new int[] {4096, 8192, 16384}) {
            putText(
                    files,
                    "graph_webgl_" + side + ".json",
                    descriptor(
                                    "webgl",
                                    """
                                    [{"type":"float32","elements":["*","N",8],"slot":0,"lane":1},\
                                    {"type":"float32","elements":8,"weight":[0,32],"encoding":"raw","lane":0},\
                                    {"type":"float32","elements":["*","N",8],"slot":1,"lane":1}]\
                                    """,
                                    file("weight_webgl.bin", texels))
                            + "\"texture\":"
                            + side
                            + ",\"modules\":[\""
                            + GLSL
                            + "\"],"
                            + kernel.formatted("0", "[\"*\",\"N\",2]")
                            + "}");
        }
        putText(
                files,
                "graph_webassembly.json",
                descriptor("webassembly", plain, file("weight_webassembly.bin", weights))
                        + "\"code\":{\"simd\":"
                        + file("kernels_simd.wasm", wasm)
                        + ",\"relaxed\":"
                        + file("kernels_relaxed.wasm", wasm)
                        + "},"
                        + kernel.formatted("\"twice\"", "\"N\"")
                        + "}");
        return files;
    }

    /// [#twice()] whose plain SIMD module multiplies by three.
    static Map<String, byte[]> twiceOrThrice() {
        return withModule("kernels_simd.wasm", THRICE_WASM);
    }

    /// [#twice()] with another first weight for WebAssembly; its golden vectors are not right.
    static Map<String, byte[]> withFirstWeight(float weight) {
        var files = twice();
        var name = "weight_webassembly.bin";
        var old = littleEndian(1, 2, 3, 4, 5);
        var weights = littleEndian(weight, 2, 3, 4, 5);
        files.put(name, weights);
        files.computeIfPresent(
                "graph_webassembly.json",
                (_, text) -> edit(text, file(name, old), file(name, weights)));
        return files;
    }

    /// [#twice()] whose weights for WebAssembly are checked in parts of eight bytes.
    ///
    /// @param known of how many parts the descriptor says what they hold
    static Map<String, byte[]> inParts(int known) {
        var files = twice();
        var name = "weight_webassembly.bin";
        var content = littleEndian(1, 2, 3, 4, 5);
        var hashes =
                IntStream.range(0, known)
                        .mapToObj(i -> Arrays.copyOfRange(content, 8 * i, Math.min(20, 8 * i + 8)))
                        .map(part -> "\"" + sha256(part) + "\"")
                        .collect(Collectors.joining(","));
        var whole = file(name, content);
        files.computeIfPresent(
                "graph_webassembly.json",
                (_, text) ->
                        edit(
                                text,
                                whole,
                                whole.replace(
                                        "}",
                                        ",\"parts\":{\"bytes\":8,\"sha256\":[" + hashes + "]}}")));
        return files;
    }

    /// [#twice()] whose weights for WebAssembly are stored as float16.
    static Map<String, byte[]> halves() {
        var files = twice();
        var name = "weight_webassembly.bin";
        var old = littleEndian(1, 2, 3, 4, 5);
        var halves = HexFormat.of().parseHex("003c0040004200440045");
        files.put(name, halves);
        files.computeIfPresent(
                "graph_webassembly.json",
                (_, text) -> {
                    var weights = edit(text, file(name, old), file(name, halves));
                    var encoding =
                            edit(weights, "\"encoding\":\"raw\"", "\"encoding\":\"float16\"");
                    return edit(encoding, "\"weight\":[0,20]", "\"weight\":[0,10]");
                });
        return files;
    }

    /// [#twice()] whose weights for WebAssembly are stored in eight bits: the table 5, 4, 3, 2, 1.
    static Map<String, byte[]> eightBits() {
        var files = twice();
        var name = "weight_webassembly.bin";
        var old = littleEndian(1, 2, 3, 4, 5);
        var codes = HexFormat.of().parseHex("0000a0400000804000004040000000400000803f0403020100");
        files.put(name, codes);
        files.computeIfPresent(
                "graph_webassembly.json",
                (_, text) -> {
                    var weights = edit(text, file(name, old), file(name, codes));
                    var encoding =
                            edit(weights, "\"encoding\":\"raw\"", "\"encoding\":\"eightbit\"");
                    return edit(encoding, "\"weight\":[0,20]", "\"weight\":[0,25]");
                });
        return files;
    }

    /// [#twice()] whose WebAssembly traps.
    static Map<String, byte[]> trap() {
        return withModule("kernels_relaxed.wasm", TRAP_WASM);
    }

    /// The mean of 28 × 28 numbers, and one minus it, as the first two of ten "probabilities"; for
    /// WebAssembly only.
    static Map<String, byte[]> ink() {
        var files = new LinkedHashMap<String, byte[]>();
        var wasm = HexFormat.of().parseHex(INK_WASM);
        files.put("kernels_simd.wasm", wasm);
        putText(
                files,
                "graph_webassembly.json",
                """
                {"format":2,"backend":"webassembly","generator":"by hand","converted_at":1,"placeholders":[],\
                "inputs":[{"name":"x","dtype":"float32","shape":[1,1,28,28],"buffer":0}],\
                "outputs":[{"name":"y","dtype":"float32","shape":[1,10],"buffer":1}],\
                "buffers":[{"type":"float32","elements":784,"slot":0},{"type":"float32","elements":10,"slot":1}],\
                "code":{"simd":\
                """
                        + file("kernels_simd.wasm", wasm)
                        + "},\"kernels\":[{\"name\":\"ink\",\"module\":\"ink\",\"buffers\":[0,1],"
                        + "\"writes\":1,\"parameters\":[],\"groups\":[1]}]}");
        return files;
    }

    /// {@return the text of a file, changed; one that stays the same is a mistake of the test}
    static byte[] edit(byte[] text, String from, String to) {
        var before = new String(text, StandardCharsets.UTF_8);
        var after = before.replace(from, to);
        if (after.equals(before)) {
            throw new AssertionError("not found: " + from);
        }
        return after.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, byte[]> withModule(String name, String hex) {
        var files = twice();
        var old = HexFormat.of().parseHex(TWICE_WASM);
        var wasm = HexFormat.of().parseHex(hex);
        files.put(name, wasm);
        files.computeIfPresent(
                "graph_webassembly.json",
                (_, text) -> edit(text, file(name, old), file(name, wasm)));
        return files;
    }

    /// The head of a descriptor, up to the buffers.
    private static String descriptor(String backend, String buffers, String weights) {
        var golden =
                IntStream.range(0, 10)
                        .mapToObj(i -> Float.toString(2 * uniform(7, i) + i % 5 + 1))
                        .collect(Collectors.joining(","));
        return """
        {"format":2,"backend":"%s","generator":"by hand","converted_at":1,"placeholders":["N"],\
        "inputs":[{"name":"x","dtype":"float32","shape":["N",5],"buffer":0}],\
        "outputs":[{"name":"y","dtype":"float32","shape":["N",5],"buffer":2}],\
        "golden":{"seed":7,"placeholders":{"N":2},"inputs":[{"range":[0,1]}],\
        "outputs":[{"index":[0,1,2,3,4,5,6,7,8,9],"value":[%s]}],"absolute":1e-6,"relative":1e-6},\
        "weights":%s,"buffers":%s,\
        """
                .formatted(backend, golden, weights, buffers);
    }

    private static float uniform(int seed, int index) {
        int[] words = {index / 4, 0, 0, 0};
        Philox.block(seed, 0, words);
        return Philox.uniform(words[index % 4]);
    }

    private static String file(String name, byte[] content) {
        return "{\"file\":\"%s\",\"bytes\":%d,\"sha256\":\"%s\"}"
                .formatted(name, content.length, sha256(content));
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] littleEndian(float... values) {
        var buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.array();
    }

    private static void putText(Map<String, byte[]> files, String name, String text) {
        files.put(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
