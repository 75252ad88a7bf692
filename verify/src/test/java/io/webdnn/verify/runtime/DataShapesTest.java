package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.NonMaxSuppression;
import io.webdnn.graph.op.NonZero;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Shapes that depend on data: what a page sees of them, and that later nodes compute with them.
class DataShapesTest extends PageTest {
    private static final int COLUMNS = 16;

    /// The rows of a table whose scores are above 0.5, times a matrix, and the sum of these; all
    /// but the first of what was found.
    private static Graph network(Dimension rows) {
        var g = Graph.builder();
        var scores = g.input("scores", new TensorType(DType.FLOAT32, Shape.of(rows)));
        var table =
                g.input(
                        "table",
                        new TensorType(DType.FLOAT32, Shape.of(rows, Dimension.of(COLUMNS))));
        var half = g.constant("half", Tensor.scalar(DType.FLOAT32, 0.5));
        var found = g.apply(new NonZero("found"), g.apply(new Greater(), scores, half));
        var which = g.apply(new Squeeze(), found, longs(g, 0));
        var chosen = g.apply(new Gather(0), table, which);
        var weights = Tensor.zeros(DType.FLOAT32, COLUMNS, 8);
        for (int i = 0; i < weights.size(); i++) weights.floats()[i] = i % 7 - 3;
        var product = g.apply(new MatMul(), chosen, g.constant("w", weights));
        var outputs = new LinkedHashMap<String, Value>();
        outputs.put("which", which);
        outputs.put("product", product);
        outputs.put("sum", g.apply(new ReduceSum(false, false), product, longs(g, 0)));
        outputs.put(
                "rest",
                g.apply(new Slice(), which, longs(g, 1), longs(g, Long.MAX_VALUE), longs(g, 0)));
        return g.build(outputs);
    }

    private static Value longs(Graph.Builder g, long... values) {
        return g.constant("k", Tensor.of(values, values.length));
    }

    /// None, all, one and many are found, in any order, on sizes that change.
    @ParameterizedTest
    @CsvSource({
        "WEBASSEMBLY,1,false",
        "WEBASSEMBLY,1,true",
        "WEBASSEMBLY,3,false",
        "WEBASSEMBLY,3,true",
        "WEBGPU,1,false",
        "WEBGL,1,false"
    })
    void laterNodesComputeWithTheSizeThatWasFound(Backend backend, int threads, boolean worker) {
        server.isolate(_ -> true);
        var files = GraphDescriptor.generate(backend, network(Dimension.symbol("N")));
        server.putAll("model", files.files());
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: '%s', threads: %d, worker: %b, cacheStrategy: 'networkOnly', saveCache: false})
                            const [scores, table] = r.inputs
                            const before = r.outputs.map(y => y.shape.join())
                            const wrong = []
                            let kernels = 0
                            for (const [n, hit] of [[200, i => i === 77], [3, () => true], [200, i => i %% 3], [200, () => true], [1000, i => i %% 5 === 2], [200, () => false], [2, i => i === 1]]) {
                              const expected = Array.from({length: n}, (_, i) => i).filter(hit)
                              scores.set(Array.from({length: n}, (_, i) => hit(i) ? 0.75 : 0.25))
                              table.set(Array.from({length: n * %d}, (_, i) => i %% 11 - 5))
                              await r.run()
                              const [which, product, sum, rest] = r.outputs
                              const rows = expected.map(row => Array.from({length: 8}, (_, c) => {
                                let total = 0
                                for (let k = 0; k < 16; k++) total += ((row * 16 + k) %% 11 - 5) * ((k * 8 + c) %% 7 - 3)
                                return total
                              }))
                              const sums = Array.from({length: 8}, (_, c) => rows.reduce((total, row) => total + row[c], 0))
                              const same = (view, numbers, shape) => view.shape.join() === shape && view.length === numbers.length && numbers.every((x, i) => view[i] === x)
                              if (!same(which, expected, `${expected.length}`)) wrong.push(`which of ${n}: ${which.shape}: ${[...which]}`)
                              if (!same(product, rows.flat(), `${expected.length},8`)) wrong.push(`product of ${n}`)
                              if (!same(sum, sums, '8')) wrong.push(`sum of ${n}: ${[...sum]}, expected ${sums}`)
                              if (expected.length && !same(rest, expected.slice(1), `${expected.length - 1}`)) wrong.push(`rest of ${n}`)
                              kernels = r.statistics.kernels
                            }
                            const {passed} = await r.selfTest()
                            let refusal = ''
                            try { r.setPlaceholderValue({found: 3}) } catch (e) { refusal = e.message }
                            return [r.backendName, before.join(' '), wrong.join('; '), r.statistics.runs, kernels >= 7 * 4, r.statistics.resizes, passed, refusal, [...r.outputs[0]].join()]
                            """
                                    .formatted(backend, threads, worker, COLUMNS));
            assertThat(result)
                    .isEqualTo(
                            List.of(
                                    backend.toString(),
                                    "0 0,8 8 0",
                                    "",
                                    7,
                                    true,
                                    7,
                                    true,
                                    "placeholder 'found': expected one of 'N'",
                                    "1"));
            assertThat(page.errors()).isEmpty();
            assertThat(page.warnings()).isEmpty();
        }
    }

    private static Graph boxes() {
        var g = Graph.builder();
        var boxes = g.input("boxes", TensorType.of(DType.FLOAT32, 1, 9, 4));
        var scores = g.input("scores", TensorType.of(DType.FLOAT32, 1, 2, 9));
        var op = new NonMaxSuppression(false, "found");
        return g.build(Map.of("selected", g.apply(op, boxes, scores, longs(g, 4))));
    }

    /// While a size is read, the device goes: another one runs the network from its inputs on.
    @ParameterizedTest
    @CsvSource({"WEBGPU,GPUBuffer,mapAsync", "WEBGL,WebGL2RenderingContext,fenceSync"})
    void aDeviceThatIsLostInTheMiddleIsReplaced(Backend backend, String type, String read) {
        server.putAll("model", GraphDescriptor.generate(backend, boxes()).files());
        var lose =
                """
                const request = GPUAdapter.prototype.requestDevice
                GPUAdapter.prototype.requestDevice = async function(...a) {
                  const d = await request.apply(this, a)
                  globalThis.lose = () => d.destroy()
                  return d
                }
                const get = HTMLCanvasElement.prototype.getContext
                HTMLCanvasElement.prototype.getContext = function(...a) {
                  const c = get.apply(this, a)
                  if (a[0] === 'webgl2') globalThis.lose = () => c.getExtension('WEBGL_lose_context').loseContext()
                  return c
                }
                """;
        try (var page = browser.open(server, lose)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: '%1$s', cacheStrategy: 'networkOnly', saveCache: false})
                            const [boxes, scores] = r.inputs
                            boxes.set(Array.from({length: 9}, (_, i) => [i, 0, i + 1, 1]).flat())
                            scores.set(Array.from({length: 18}, (_, i) => i))
                            await r.run()
                            const before = [...r.outputs[0]].join()
                            let left = 1
                            const real = %2$s.prototype.%3$s
                            %2$s.prototype.%3$s = function(...a) {
                              if (left-- > 0) lose()
                              return real.apply(this, a)
                            }
                            await r.run()
                            return [before, [...r.outputs[0]].join(), r.statistics.recoveries, left < 0]
                            """
                                    .formatted(backend, type, read));
            var expected = "0,0,8,0,0,7,0,0,6,0,0,5,0,1,8,0,1,7,0,1,6,0,1,5";
            assertThat(result).isEqualTo(List.of(expected, expected, 1, true));
        }
    }

    /// A fragment keeps the boxes that a class has taken: not any number of them.
    @Test
    void webGlTakesOnlySoManyBoxesOfAClass() {
        var g = Graph.builder();
        var boxes = g.input("boxes", TensorType.of(DType.FLOAT32, 1, 2000, 4));
        var scores = g.input("scores", TensorType.of(DType.FLOAT32, 1, 2, 2000));
        var op = new NonMaxSuppression(false, "found");
        var selected = g.apply(op, boxes, scores, longs(g, Long.MAX_VALUE));
        var graph = g.build(Map.of("selected", selected));
        assertThatThrownBy(() -> GraphDescriptor.generate(Backend.WEBGL, graph))
                .isInstanceOf(CompileException.class)
                .hasMessage(
                        "NonMaxSuppression: webgl: expected elements that can be computed at once,"
                                + " or in rows of at most 1024, got some that depend on those"
                                + " before, in rows of 2001");
    }

    /// The plan holds no bound: memory is planned for as many as there can be.
    @Test
    void thePlanSaysWhatIsMeasured() {
        var files = GraphDescriptor.generate(Backend.WEBASSEMBLY, boxes()).files();
        var plan = new String(files.get("graph_webassembly.json"), StandardCharsets.UTF_8);
        assertThat(plan)
                .contains("\"measured\":[{\"symbol\":\"found.candidates\",\"buffer\":")
                .contains("{\"symbol\":\"found\",\"buffer\":")
                .contains("\"shape\":[\"found\",3]")
                .contains(
                        "{\"type\":\"int32\",\"elements\":24,\"slot\":") // 2 · 4 boxes of 3 numbers
                .doesNotContain("\"elements\":[");
    }
}
