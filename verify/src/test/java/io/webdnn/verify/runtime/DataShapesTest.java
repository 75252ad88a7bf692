package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.EnsureShape;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.NonMaxSuppression;
import io.webdnn.graph.op.NonZero;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Tile;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.operator.Powers;
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

    /// A table repeated as often as data says, times a matrix; where its rows' sums are above 0.
    private static Graph repeated() {
        var g = Graph.builder();
        var columns = Dimension.of(COLUMNS);
        var n = g.input("n", TensorType.of(DType.INT32, 1));
        var table =
                g.input(
                        "table",
                        new TensorType(DType.FLOAT32, Shape.of(Dimension.symbol("N"), columns)));
        var one = g.constant("one", Tensor.of(new int[] {1}, 1));
        var times = g.apply(new Concat(0), n, one);
        var extents = List.of(Extents.measured("times", 0), Dimension.of(1));
        var rows = g.apply(new Tile(), table, g.apply(new Extents("times", extents), times));
        var weights = Tensor.zeros(DType.FLOAT32, COLUMNS, 8);
        for (int i = 0; i < weights.size(); i++) weights.floats()[i] = i % 7 - 3;
        var product = g.apply(new MatMul(), rows, g.constant("w", weights));
        var sums = g.apply(new ReduceSum(false, false), product, longs(g, 1));
        var zero = g.constant("zero", Tensor.scalar(DType.FLOAT32, 0));
        var found = g.apply(new NonZero("found"), g.apply(new Greater(), sums, zero));
        var outputs = new LinkedHashMap<String, Value>();
        outputs.put("product", product);
        outputs.put("found", g.apply(new Squeeze(), found, longs(g, 0)));
        return g.build(outputs);
    }

    /// Sizes without a bound grow and shrink from run to run; what cannot be ends the run, and the
    /// next one goes on.
    @ParameterizedTest
    @CsvSource({
        "WEBASSEMBLY,1,false",
        "WEBASSEMBLY,2,false",
        "WEBASSEMBLY,2,true",
        "WEBGPU,1,false",
        "WEBGL,1,false"
    })
    void sizesNeedNoBound(Backend backend, int threads, boolean worker) {
        server.isolate(_ -> true);
        var files = GraphDescriptor.generate(backend, repeated());
        server.putAll("model", files.files());
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: '%s', threads: %d, worker: %b, cacheStrategy: 'networkOnly', saveCache: false})
                            const [n, table] = r.inputs
                            const wrong = []
                            const errors = []
                            for (const [times, rows] of [[2, 3], [5000, 3], [1, 3], [0, 3], [-1, 3], [7, 2], [2 ** 31 - 1, 2], [40, 700], [3, 700]]) {
                              const row = i => Array.from({length: 8}, (_, c) => {
                                let total = 0
                                for (let k = 0; k < 16; k++) total += ((i * 16 + k) %% 11 - 5) * ((k * 8 + c) %% 7 - 3)
                                return total
                              })
                              const once = Array.from({length: rows}, (_, i) => row(i))
                              n.set([times])
                              table.set(Array.from({length: rows * 16}, (_, i) => i %% 11 - 5))
                              try {
                                await r.run()
                              } catch (e) {
                                errors.push(`${e.code} ${e.node ? e.message : ''}`)
                                continue
                              }
                              const [product, found] = r.outputs
                              const all = Array.from({length: rows * times}, (_, i) => once[i %% rows])
                              const hits = all.flatMap((x, i) => x.reduce((a, b) => a + b, 0) > 0 ? i : [])
                              const same = (view, numbers, shape) => view.shape.join() === shape && view.length === numbers.length && numbers.every((x, i) => view[i] === x)
                              if (!same(product, all.flat(), `${rows * times},8`)) wrong.push(`product of ${times} x ${rows}: ${product.shape}`)
                              if (!same(found, hits, `${hits.length}`)) wrong.push(`found of ${times} x ${rows}: ${found.shape}, expected ${hits.length}`)
                            }
                            const {passed} = await r.selfTest()
                            return [r.backendName, wrong.join('; '), errors.join('; '), passed]
                            """
                                    .formatted(backend, threads, worker));
            assertThat(result)
                    .isEqualTo(
                            List.of(
                                    backend.toString(),
                                    "",
                                    "KERNEL kernel 'Concat + Extents': size 'times.0': expected 0 or more, as"
                                            + " data says it, got -1; "
                                            + (backend == Backend.WEBGL
                                                    ? "BACKEND_UNAVAILABLE "
                                                    : "MEMORY "),
                                    true));
            assertThat(page.errors()).isEmpty();
        }
    }

    /// A loop is one of the plan; threads share its kernels.
    @ParameterizedTest
    @CsvSource({"WEBASSEMBLY,1", "WEBASSEMBLY,2", "WEBGPU,1", "WEBGL,1"})
    void loopsRunAsOftenAsDataSays(Backend backend, int threads) {
        server.isolate(_ -> true);
        var g = Graph.builder();
        var n = g.input("n", TensorType.of(DType.INT32, 1));
        var x = g.input("x", TensorType.of(DType.FLOAT32, 60_000));
        var steps = g.apply(new Extents("n", List.of(Extents.measured("n", 0))), n);
        var files =
                GraphDescriptor.generate(
                        backend, g.build(Map.of("rows", g.apply(new Powers(), x, steps))));
        server.putAll("model", files.files());
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: '%s', threads: %d, cacheStrategy: 'networkOnly', saveCache: false})
                            const [n, x] = r.inputs
                            const wrong = []
                            for (const steps of [3, 9, 0, 1]) {
                              n.set([steps])
                              x.set(Array.from({length: 60000}, (_, i) => i %% 101))
                              await r.run()
                              const rows = r.outputs[0]
                              const expected = []
                              let row = Array.from({length: 60000}, (_, i) => i %% 101)
                              for (let t = 0; t < steps; t++) expected.push(...(row = row.map(old => 2 * old + t)))
                              if (rows.shape.join() !== `${steps},60000` || rows.length !== expected.length || !expected.every((v, i) => rows[i] === v)) wrong.push(steps)
                            }
                            return [wrong.join(), (await r.selfTest()).passed]
                            """
                                    .formatted(backend, threads));
            assertThat(result).isEqualTo(List.of("", true));
            assertThat(page.errors()).isEmpty();
        }
        var plan =
                new String(
                        files.files()
                                .get(
                                        backend == Backend.WEBGL
                                                ? "graph_webgl_4096.json"
                                                : "graph_" + backend + ".json"),
                        StandardCharsets.UTF_8);
        assertThat(plan)
                .startsWith("{\"format\":3,")
                .contains("\"symbol\":\"#step0\",\"times\":\"n.0\"}");
    }

    /// Its memory is found when it is measured; older readers do not know what `unbounded` is.
    @Test
    void thePlanSaysWhatHasNoBound() {
        var files = GraphDescriptor.generate(Backend.WEBASSEMBLY, repeated()).files();
        var plan = new String(files.get("graph_webassembly.json"), StandardCharsets.UTF_8);
        assertThat(plan)
                .contains("\"measured\":[{\"unbounded\":\"times.0\",\"buffer\":")
                .contains("{\"symbol\":\"found\",\"buffer\":")
                .contains("\"elements\":[\"*\",8,\"N\",\"times.0\"]");
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
        try (var page = browser.open(server, LOSE)) {
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

    /// A table of five rows, cut to `min(T, 5)` of them, beside T others.
    @Test
    void aSizeThatATableIsTooSmallForIsRefused() {
        var g = Graph.builder();
        var length = Dimension.symbol("T");
        var x = g.input("x", new TensorType(DType.FLOAT32, Shape.of(length)));
        var table = g.constant("t", Tensor.of(new float[] {1, 2, 3, 4, 5}, 5));
        var end =
                g.apply(
                        new Extents("", List.of(length)),
                        g.apply(new io.webdnn.graph.op.Shape(), x));
        var rows = g.apply(new Slice(), table, longs(g, 0), end);
        var sum = g.apply(new Add(), x, g.apply(new EnsureShape(Shape.of(length)), rows));
        var graph = g.build(Map.of("sum", sum, "rows", rows));
        var files = GraphDescriptor.generate(Backend.WEBASSEMBLY, graph).files();
        server.putAll("model", files);
        assertThat(new String(files.get("graph_webassembly.json"), StandardCharsets.UTF_8))
                .contains("\"format\":3", "\"equal\":[[[\"min\",5,\"T\"],\"T\"]]");
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: 'webassembly', cacheStrategy: 'networkOnly', saveCache: false})
                            const said = []
                            for (const n of [2, 6, 5]) {
                              r.inputs[0].set(Array(n).fill(10))
                              try {
                                await r.run()
                                said.push(Object.fromEntries(r.outputs.map(y => [y.name, [...y].join()])).sum)
                              } catch (e) { said.push(e.code + '|' + e.message) }
                            }
                            return said
                            """);
            assertThat(result)
                    .isEqualTo(
                            List.of(
                                    "11,12",
                                    "PLACEHOLDER|sizes: expected \"T\" = [\"min\",5,\"T\"], got 6 and 5",
                                    "11,12,13,14,15"));
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
