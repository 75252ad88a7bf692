package io.webdnn.compiler.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.webdnn.compiler.Backend;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.EnsureShape;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GraphDescriptorTest {
    private static final List<String> WEBGL_PLANS =
            List.of("graph_webgl_4096.json", "graph_webgl_8192.json", "graph_webgl_16384.json");

    private static Map<String, byte[]> files() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 16, 32, 32));
        var y = g.apply(Conv.of2d(1, 1), x, weights(g, 32, 16, 3, 3), weights(g, 32));
        return GraphDescriptor.generate(
                        List.of(Backend.values()), g.build(Map.of("y", y)), Encoding.RAW)
                .files();
    }

    private static Value weights(Graph.Builder g, int... shape) {
        return g.constant("w", Tensor.zeros(DType.FLOAT32, shape));
    }

    private static byte[] file(Map<String, byte[]> files, String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    /// {@return the values of a field, wherever it stands}
    private static Set<String> values(byte[] plan, String field) throws IOException {
        var values = new LinkedHashSet<String>();
        try (var json = new JsonFactory().createParser(plan)) {
            while (json.nextToken() != null) {
                if (json.currentToken() != JsonToken.FIELD_NAME
                        || !json.currentName().equals(field)) continue;
                json.nextToken();
                values.add(json.getText());
            }
        }
        return values;
    }

    @Test
    void thePlansOfWebGlShareOneWeightFile() throws IOException {
        var files = files();
        for (var plan : WEBGL_PLANS) {
            assertThat(values(file(files, plan), "file")).containsExactly("weight_webgl.bin");
            assertThat(values(file(files, plan), "sha256"))
                    .as(plan)
                    .containsExactly(sha256(file(files, "weight_webgl.bin")));
        }
        // the texels that the convolution reads, and the bias: packed once for all devices
        assertThat(file(files, "weight_webgl.bin")).hasSize((32 * 16 * 9 + 32) * Float.BYTES);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aLargeFileHasAHashForEachPart() throws IOException {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 1500));
        var w = Tensor.zeros(DType.FLOAT32, 1500, 1500);
        for (int i = 0; i < w.size(); i++) w.floats()[i] = i % 1013;
        var y = g.apply(new MatMul(), x, g.constant("w", w));
        var files = GraphDescriptor.generate(Backend.WEBASSEMBLY, g.build(Map.of("y", y))).files();
        var content = file(files, "weight_webassembly.bin");
        var plan = new String(file(files, "graph_webassembly.json"), StandardCharsets.UTF_8);
        var expected = new ArrayList<String>();
        for (int at = 0; at < content.length; at += 4 << 20) {
            int end = Math.min(content.length, at + (4 << 20));
            expected.add('"' + sha256(Arrays.copyOfRange(content, at, end)) + '"');
        }
        assertThat(content.length).isGreaterThan(8 << 20);
        assertThat(plan)
                .contains("\"bytes\":" + content.length + ",\"sha256\":\"" + sha256(content))
                .contains("\"parts\":{\"bytes\":4194304,\"sha256\":[" + String.join(",", expected));
    }

    @Test
    void aDeviceThatDrawsToFewerTexturesGetsFewerLayers() throws IOException {
        var files = files();
        assertThat(values(file(files, WEBGL_PLANS.get(0)), "layers")).containsExactly("4");
        assertThat(values(file(files, WEBGL_PLANS.get(1)), "layers")).containsExactly("8");
        assertThat(values(file(files, WEBGL_PLANS.get(2)), "layers")).containsExactly("8");
    }

    @Test
    void convolutionsThatDifferInSizesOnlyShareAShader() throws IOException {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 16, 64, 64));
        int[] channels = {16, 24, 20, 36};
        for (int i = 1; i < channels.length; i++)
            x = g.apply(Conv.of2d(1, 0), x, weights(g, channels[i], channels[i - 1], 3, 3));
        var files = GraphDescriptor.generate(Backend.WEBGL, g.build(Map.of("y", x))).files();
        for (var plan : WEBGL_PLANS) {
            var json = file(files, plan);
            // the input of the first one lies in no layers
            assertThat(values(json, "module")).as(plan).containsExactly("0", "1");
            assertThat(new String(json, StandardCharsets.UTF_8).split("\"module\":", -1))
                    .as(plan)
                    .hasSize(channels.length);
        }
    }

    @Test
    void onlyTexturesHaveLayersAndWidths() throws IOException {
        var files = files();
        for (var plan : List.of("graph_webgpu.json", "graph_webassembly.json")) {
            for (var field : List.of("lane", "layers", "width", "texture"))
                assertThat(values(file(files, plan), field)).as(plan + ": " + field).isEmpty();
        }
        assertThat(values(file(files, WEBGL_PLANS.get(0)), "width")).isNotEmpty();
    }

    private static Map<String, byte[]> product(DType dtype, Encoding encoding) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(dtype, 8, 32));
        var w = Tensor.zeros(dtype, 32, 64);
        for (int i = 0; i < w.size(); i++) w.setDouble(i, i % 11 / 8.0);
        var y = g.apply(new MatMul(), x, g.constant("w", w));
        return GraphDescriptor.generate(
                        List.of(Backend.WEBGPU, Backend.WEBGL), g.build(Map.of("y", y)), encoding)
                .files();
    }

    /// Shaders of WebGPU name what a device may store in 32 bits `half`, and unpack constants;
    /// those of WebGL find textures of either kind the same.
    @Test
    void gpusStoreFloat16AsSuch() throws IOException {
        var files = product(DType.FLOAT16, Encoding.RAW);
        var webgpu = file(files, "graph_webgpu.json");
        assertThat(values(webgpu, "type")).containsExactly("float16");
        assertThat(values(webgpu, "encoding")).containsExactly("raw");
        assertThat(new String(webgpu, StandardCharsets.UTF_8))
                .contains("read>B0:array<u32>", "return unpack2x16float(B0[i>>1u])[i&1];")
                .contains("read>B1:array<half>", "=f32(B1[", "read_write>B2:array<half>", "=Half(")
                .doesNotContain("f16")
                // what behind the sum is cast to float16 is not rounded again where it is stored
                .doesNotContain("Half(f32(Half(");
        assertThat(file(files, "weight_webgpu.bin")).hasSize(32 * 64 * 2);
        for (var plan : WEBGL_PLANS) {
            assertThat(values(file(files, plan), "type")).as(plan).containsExactly("float16");
        }
        assertThat(file(files, "weight_webgl.bin")).hasSize(32 * 64 * 2);
    }

    @Test
    void weightsEncodedAsFloat16StayHalvesOnGpus() throws IOException {
        var files = product(DType.FLOAT32, Encoding.FLOAT16);
        var raw = product(DType.FLOAT32, Encoding.RAW);
        var webgpu = file(files, "graph_webgpu.json");
        assertThat(values(webgpu, "type")).containsExactlyInAnyOrder("float32", "float16");
        assertThat(new String(webgpu, StandardCharsets.UTF_8))
                .contains("read>B0:array<u32>", "read>B1:array<f32>")
                .doesNotContain("half");
        for (var plan : WEBGL_PLANS) {
            var types = values(file(files, plan), "type");
            assertThat(types).as(plan).containsExactlyInAnyOrder("float32", "float16");
            assertThat(shaders(file(files, plan))).isEqualTo(shaders(file(raw, plan)));
        }
        for (var name : List.of("weight_webgpu.bin", "weight_webgl.bin"))
            assertThat(file(files, name)).hasSize(file(raw, name).length / 2);
    }

    private static String shaders(byte[] plan) {
        var text = new String(plan, StandardCharsets.UTF_8);
        int from = text.indexOf("\"modules\"");
        return text.substring(from, text.indexOf(']', text.indexOf("\"kernels\"")));
    }

    /// What is near the middle of a step goes to the other one on some backend.
    @Test
    void whoRoundsToEightBitsIsComparedLoosely() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 10));
        var bytes =
                g.apply(new Cast(DType.INT8), g.apply(new Mul(), x, g.scalar(DType.FLOAT32, 100)));
        var y = g.apply(new Cast(DType.FLOAT32), bytes);
        var golden = GoldenVectors.of(g.build(Map.of("y", y))).orElseThrow();
        double largest =
                golden.samples().getFirst().values().stream().max(Double::compare).orElse(0.0);
        assertThat(largest).isGreaterThan(10);
        assertThat(golden.absolute()).isEqualTo(0.04 * largest);
        var z = g.apply(new Mul(), x, g.scalar(DType.FLOAT32, 100));
        assertThat(GoldenVectors.of(g.build(Map.of("z", z))).orElseThrow().absolute())
                .isEqualTo(1e-4);
    }

    @Test
    void whoAddsUpInFloat16IsComparedLoosely() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT16, 10));
        var y = g.apply(new Mul(), x, g.scalar(DType.FLOAT16, 100));
        var golden = GoldenVectors.of(g.build(Map.of("y", y))).orElseThrow();
        assertThat(golden.absolute()).isEqualTo(1e-4);
        assertThat(golden.ofHalfProducts().absolute()).isEqualTo(0.01 * golden.largest());
        assertThat(golden.largest()).isBetween(50.0, 100.0);
    }

    /// Sizes that are refused give no vectors.
    @Test
    void goldenVectorsAreOfSizesThatAreNotRefused() {
        var t = Dimension.symbol("T");
        for (var length : List.of(t.plus(14), t.times(2).plus(1))) { // no power of two is odd
            var g = Graph.builder();
            var sizes = Shape.of(Dimension.symbol("N"), Dimension.symbol("S"));
            var x = g.input("x", new TensorType(DType.FLOAT32, sizes));
            var y = g.input("y", new TensorType(DType.FLOAT32, Shape.of(t)));
            var z = g.apply(new EnsureShape(Shape.of(Dimension.of(5), length)), x);
            var golden = GoldenVectors.of(g.build(Map.of("y", y, "z", z)));
            if (length.equals(t.plus(14)))
                assertThat(golden.orElseThrow().sizes())
                        .isEqualTo(Map.of("N", 5L, "S", 16L, "T", 2L));
            else assertThat(golden).isEmpty();
        }
    }

    /// A signal shorter than the kernel would leave nothing to convolve.
    @Test
    void goldenVectorsAreOfASizeAtWhichNothingIsEmpty() {
        var g = Graph.builder();
        var extents = List.of(Dimension.symbol("N"), Dimension.of(1), Dimension.symbol("T"));
        var x = g.input("x", new TensorType(DType.FLOAT32, new Shape(extents)));
        var y = g.apply(new Conv(List.of(new Window(1, 1, 0, 0)), 1), x, weights(g, 1, 1, 100));
        var golden = GoldenVectors.of(g.build(Map.of("y", y))).orElseThrow();
        assertThat(golden.sizes()).containsExactly(Map.entry("N", 2L), Map.entry("T", 128L));
        assertThat(golden.samples().getFirst().values()).hasSize(2 * (128 - 99));
    }
}
