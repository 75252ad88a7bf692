package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// float16 in the browser: what numbers become on their way, and what memory they take.
class HalvesTest extends PageTest {
    private static final int ROWS = 33;
    private static final int COLUMNS = 64;

    /// Notes the bytes of each buffer and texture that holds a tensor.
    private static final String COUNT =
            """
            globalThis.sizes = [];
            const create = GPUDevice.prototype.createBuffer;
            GPUDevice.prototype.createBuffer = function(d) {
              if (d.usage & GPUBufferUsage.STORAGE) sizes.push(d.size);
              return create.call(this, d);
            };
            const gl = WebGL2RenderingContext.prototype;
            const storage = gl.texStorage2D;
            gl.texStorage2D = function(target, levels, format, width, height) {
              if (width * height > 1) sizes.push(width * height * (format === gl.RGBA16F ? 8 : 16));
              return storage.call(this, target, levels, format, width, height);
            };
            const layers = gl.texStorage3D;
            gl.texStorage3D = function(target, levels, format, width, height, depth) {
              if (width * height > 1) sizes.push(width * height * depth * (format === gl.RGBA16F ? 8 : 16));
              return layers.call(this, target, levels, format, width, height, depth);
            };
            """;

    /// Says that there is f16, and takes float32 for it; notes how shaders begin.
    private static final String UNROUNDED =
            """
            globalThis.heads = [];
            Object.defineProperty(GPUDevice.prototype, 'features', { get: () => new Set(['shader-f16']) });
            const make = GPUDevice.prototype.createShaderModule;
            GPUDevice.prototype.createShaderModule = function({ code }) {
              heads.push(code.slice(0, code.indexOf('@')));
              return make.call(this, { code: code.replace('enable f16;alias half=f16;', 'alias f16=f32;alias half=f32;') });
            };
            """;

    /// `y = x · (1, −1, 1, −1, 1)` for each row: nothing but what storing does.
    private static Graph signs() {
        var g = Graph.builder();
        var rows = new Shape(List.of(Dimension.symbol("N"), Dimension.of(5)));
        var x = g.input("x", new TensorType(DType.FLOAT16, rows));
        var signs = Tensor.zeros(DType.FLOAT16, 5);
        for (int i = 0; i < 5; i++) signs.setDouble(i, i % 2 == 0 ? 1 : -1);
        return g.build(Map.of("y", g.apply(new Mul(), x, g.constant("signs", signs))));
    }

    private static Tensor numbers(DType dtype, int range, int... shape) {
        var numbers = Tensor.zeros(dtype, shape);
        for (int i = 0; i < numbers.size(); i++) numbers.setDouble(i, i * 7 % 11 % range - 1);
        return numbers;
    }

    /// The same numbers through each template that adds up products: sums that float16 holds, so
    /// that they are the same however they are added.
    private static Graph products() {
        var g = Graph.builder();
        var image = g.input("image", TensorType.of(DType.FLOAT16, 1, 16, 9, 9));
        var filters = g.constant("filters", numbers(DType.FLOAT16, 3, 8, 16, 3, 3));
        var edge = new Window(1, 1, 1, 1);
        var left = g.input("left", TensorType.of(DType.FLOAT16, 5, 37));
        var right = g.input("right", TensorType.of(DType.FLOAT16, 37, 9));
        var x = g.input("x", TensorType.of(DType.FLOAT16, 12, 40));
        var known = g.constant("known", numbers(DType.FLOAT16, 4, 40, 24));
        return g.build(
                new TreeMap<>(
                        Map.of(
                                "a", g.apply(new Conv(List.of(edge, edge), 1), image, filters),
                                "b", g.apply(new MatMul(), left, right),
                                "c", g.apply(new MatMul(), x, known))));
    }

    private static int[] matrixProduct(Tensor a, Tensor b, int rows, int depth, int columns) {
        var product = new int[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < depth; k++)
                    product[i * columns + j] +=
                            (int) (a.getDouble(i * depth + k) * b.getDouble(k * columns + j));
        return product;
    }

    /// `[1, 16, 9, 9]` with eight filters of 3 × 3, and zeros around.
    private static int[] convolution(Tensor image, Tensor filters) {
        var result = new int[8 * 81];
        for (int f = 0; f < 8; f++)
            for (int y = 0; y < 9; y++)
                for (int x = 0; x < 9; x++)
                    for (int c = 0; c < 16; c++)
                        for (int i = Math.max(0, 1 - y); i < Math.min(3, 10 - y); i++)
                            for (int j = Math.max(0, 1 - x); j < Math.min(3, 10 - x); j++)
                                result[f * 81 + y * 9 + x] +=
                                        (int)
                                                (image.getDouble(
                                                                c * 81
                                                                        + (y + i - 1) * 9
                                                                        + x
                                                                        + j
                                                                        - 1)
                                                        * filters.getDouble(
                                                                f * 144 + c * 9 + i * 3 + j));
        return result;
    }

    private static Graph product(DType dtype, DType weights) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(dtype, ROWS, COLUMNS));
        var w = Tensor.zeros(weights, COLUMNS, COLUMNS);
        for (int i = 0; i < w.size(); i++) w.setDouble(i, i % 7);
        return g.build(Map.of("y", g.apply(new MatMul(), x, g.constant("w", w))));
    }

    /// {@return the bytes that a network takes, as the page counts them}: without shader-f16,
    /// WebGPU stores only weights in 16 bits; textures in two layers have place for an even number
    /// of rows
    private static String sizes(Backend backend, boolean halfWeights, boolean halves) {
        boolean isWebGpu = backend == Backend.WEBGPU;
        int bytes = halves && !isWebGpu ? 2 : 4;
        return IntStream.of(
                        COLUMNS * COLUMNS * (halfWeights ? 2 : 4),
                        ROWS * COLUMNS * bytes,
                        (isWebGpu ? ROWS : ROWS + 1) * COLUMNS * bytes)
                .sorted()
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(","));
    }

    /// The page's own rounding is the oracle: over all halves, what lies in the middle between
    /// neighbours, and what lies just beside. Software GPUs that lose ∞ must not be trusted with
    /// it.
    @ParameterizedTest
    @CsvSource({
        "WEBGPU, {}, 0",
        "WEBGL, {}, 0",
        "WEBGL, '{webgl: {halfRenderTargets: true}}', 65505",
        "WEBGL, '{webgl: {halfRenderTargets: false}}', 0",
        "WEBASSEMBLY, {}, 0"
    })
    void numbersAreRoundedHalfToEven(Backend backend, String options, int below) {
        server.putAll("model", GraphDescriptor.generate(backend, signs()).files());
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const all = new Float16Array(new Uint16Array(1 << 15).map((_, i) => i).buffer);
                            const values = [];
                            for (let i = 0; i < all.length; i++) {
                              const middle = (all[i] + (i === 0x7bff ? 65536 : all[i + 1])) / 2;
                              const beside = middle * 2 ** -20;
                              values.push(all[i], -middle, middle - beside, -middle - beside, middle);
                            }
                            const few = values.filter(v => !%2$d || Math.abs(v) < %2$d);
                            few.length -= few.length %% 5;
                            const r = await WebDNN.load('./model', {backendOrder: '%1$s', backendOptions: %3$s});
                            const x = Float32Array.from(few);
                            r.inputs[0].set(x);
                            await r.run();
                            const y = r.outputs[0].toActual();
                            const wrong = [...x].filter((v, i) => !Object.is(Math.f16round(v), i %% 5 %% 2 ? -y[i] : y[i]));
                            return [y.constructor.name, few.length > 150000, wrong.slice(0, 5).join(), (await r.selfTest()).passed];
                            """
                                    .formatted(backend, below, options));
            assertThat(result).isEqualTo(List.of("Float32Array", true, "", true));
            assertThat(page.errors()).isEmpty();
        }
    }

    /// A device without shader-f16 computes the same text in float32.
    @Test
    void productsAreAddedUpInFloat16IfAsked() {
        var graph = products();
        var asked = GraphDescriptor.generate(List.of(Backend.WEBGPU), graph, Encoding.RAW, true);
        var plain = GraphDescriptor.generate(Backend.WEBGPU, graph);
        var zero = "=vec4<half>(0.)";
        assertThat(bodies(asked)).hasSize(3).allMatch(text -> text.contains(zero));
        assertThat(bodies(plain)).hasSize(3).noneMatch(text -> text.contains(zero));
        server.putAll("model", asked.files());
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const numbers = (range, n) => Float32Array.from({length: n}, (_, i) => i * 7 % 11 % range - 1);
                            const r = await WebDNN.load('./model', {backendOrder: 'webgpu'});
                            [numbers(4, 16 * 81), numbers(5, 5 * 37), numbers(6, 37 * 9), numbers(5, 12 * 40)]
                              .forEach((x, i) => r.inputs[i].set(x));
                            await r.run();
                            return r.outputs.map(y => y.toActual().join());
                            """);
            var image = numbers(DType.FLOAT16, 4, 1, 16, 9, 9);
            var left = numbers(DType.FLOAT16, 5, 5, 37);
            var right = numbers(DType.FLOAT16, 6, 37, 9);
            var x = numbers(DType.FLOAT16, 5, 12, 40);
            var expected =
                    Stream.of(
                            convolution(image, numbers(DType.FLOAT16, 3, 8, 16, 3, 3)),
                            matrixProduct(left, right, 5, 37, 9),
                            matrixProduct(x, numbers(DType.FLOAT16, 4, 40, 24), 12, 40, 24));
            assertThat(result)
                    .isEqualTo(
                            expected.map(numbers ->
                                            IntStream.of(numbers)
                                                    .mapToObj(String::valueOf)
                                                    .collect(Collectors.joining(",")))
                                    .toList());
        }
    }

    /// {@return what the shaders of a descriptor do}
    private static List<String> bodies(GraphDescriptor descriptor) {
        var plan = Objects.requireNonNull(descriptor.files().get("graph_webgpu.json"));
        var texts = List.of(new String(plan, StandardCharsets.UTF_8).split("@compute", -1));
        return texts.subList(1, texts.size());
    }

    /// A device that says it has f16, and does not round as it should, is not trusted with it.
    @Test
    void whoRoundsInAnotherWayIsNotTrusted() {
        server.putAll("model", GraphDescriptor.generate(Backend.WEBGPU, signs()).files());
        try (var page = browser.open(server, UNROUNDED)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: 'webgpu'});
                            return heads;
                            """);
            assertThat(result)
                    .isEqualTo(
                            List.of(
                                    "enable f16;alias half=f16;",
                                    "enable f16;alias half=f16;const rounds=false;"));
        }
    }

    /// Weights on every device, the rest where the device can.
    @ParameterizedTest
    @EnumSource(names = {"WEBGPU", "WEBGL"})
    void tensorsTakeTwoBytesForEachNumber(Backend backend) {
        var networks =
                List.of(
                        product(DType.FLOAT32, DType.FLOAT32),
                        product(DType.FLOAT32, DType.FLOAT32),
                        product(DType.FLOAT16, DType.FLOAT16));
        var encodings = List.of(Encoding.RAW, Encoding.FLOAT16, Encoding.RAW);
        for (int i = 0; i < networks.size(); i++) {
            var files =
                    GraphDescriptor.generate(List.of(backend), networks.get(i), encodings.get(i))
                            .files();
            server.putAll("model" + i, files);
        }
        try (var page = browser.open(server, COUNT)) {
            var result =
                    page.run(
                            """
                            const seen = [];
                            for (let i = 0; i < 3; i++) {
                              sizes.length = 0;
                              const r = await WebDNN.load('./model' + i, {backendOrder: '%s', backendOptions:
                                {webgpu: {features: []}, webgl: {halfRenderTargets: true}}});
                              r.inputs[0].set(new Float32Array(%d).fill(1));
                              await r.run();
                              seen.push(sizes.sort((a, b) => a - b).join(), r.outputs[0][1]);
                              r.dispose();
                            }
                            return seen;
                            """
                                    .formatted(backend, ROWS * COLUMNS));
            int sum = 0;
            for (int k = 0; k < COLUMNS; k++) sum += (k * COLUMNS + 1) % 7;
            assertThat(result)
                    .isEqualTo(
                            List.of(
                                    sizes(backend, false, false),
                                    sum,
                                    sizes(backend, true, false),
                                    sum,
                                    sizes(backend, true, true),
                                    sum));
        }
    }
}
