package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    /// `y = x · (1, −1, 1, −1, 1)` for each row: nothing but what storing does.
    private static Graph signs() {
        var g = Graph.builder();
        var rows = new Shape(List.of(Dimension.symbol("N"), Dimension.of(5)));
        var x = g.input("x", new TensorType(DType.FLOAT16, rows));
        var signs = Tensor.zeros(DType.FLOAT16, 5);
        for (int i = 0; i < 5; i++) signs.setDouble(i, i % 2 == 0 ? 1 : -1);
        return g.build(Map.of("y", g.apply(new Mul(), x, g.constant("signs", signs))));
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
