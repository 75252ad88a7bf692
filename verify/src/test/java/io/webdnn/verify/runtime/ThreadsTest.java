package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.Philox;
import io.webdnn.verify.operator.OperatorCase;
import io.webdnn.verify.operator.OperatorSuite;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// WebAssembly on several threads: the same bits, as many threads as were asked for, and nothing
/// left of them afterwards.
class ThreadsTest extends PageTest {
    /// Defines `fill(runner)`, numbers for all inputs; `joined(runner, n)`, which runs until so
    /// many threads have taken part; and `bits(runner)`, which runs and gives what came out.
    private static final String TOOLS =
            """
            const numbers = (length, dtype) => Array.from({length}, (_, i) => dtype.startsWith('float')
              ? Math.fround(Math.sin(12.9898 * i + 1)) : dtype === 'bool' ? i % 2 : (7 * i + 1) % 3)
            const fill = (r, shapes, given) => r.inputs.forEach((x, i) => {
              const shape = shapes?.[i] ?? x.shape
              x.set(given?.[i] ?? numbers(shape.reduce((a, b) => a * b, 1), x.dtype), undefined, shape)
            })
            const joined = async (r, n) => {
              for (let i = 0; i < 1000 && r.statistics.threads < n; i++) {
                await r.run()
                await new Promise(done => setTimeout(done, 5))
              }
              return r.statistics.threads
            }
            const bits = async r => {
              await r.run()
              return r.outputs.map(y => new Uint32Array(y.toActual().slice().buffer).join()).join(';')
            }
            const load = (folder, options) => WebDNN.load('./' + folder,
              {backendOrder: 'webassembly', cacheStrategy: 'networkOnly', saveCache: false, ...options})
            """;

    /// Cases of the operator suite that a page is given at once.
    private static final int BATCH = 200;

    /// Gives how many of the `jobs` had several threads, how many there were, and which of them
    /// differ.
    private static final String COMPARE =
            """
            const wrong = []
            let several = 0, count = 0
            const compare = async ([c, shapes, given]) => {
              const [one, r] = await Promise.all([1, 3].map(threads => load('case' + c, {threads})))
              fill(one, shapes, given)
              fill(r, shapes, given)
              const expected = await bits(one)
              let differs = false
              for (let i = 0; i < 20; i++) {
                if (r.statistics.threads < 2) await new Promise(done => setTimeout(done, 12)) // for the others to start
                differs ||= await bits(r) !== expected
              }
              if (differs) wrong.push(c)
              several += r.statistics.threads > 1
              count++
              one.dispose()
              r.dispose()
            }
            const lane = async () => { while (jobs.length) await compare(jobs.shift()) }
            await Promise.all([1, 2, 3, 4, 5, 6].map(lane))
            return [several, count, ...wrong]
            """;

    private static Tensor random(int stream, int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) {
            int[] words = {i / 4, 0, 0, 0};
            Philox.block(11, stream, words);
            tensor.floats()[i] = Philox.uniform(words[i % 4]) - 0.5f;
        }
        return tensor;
    }

    /// A padded, a filtered (with tiles that overlap), a depthwise and pointwise convolutions, a
    /// product and a softmax, of sizes that no number of threads divides.
    private static Graph network(Dimension batch) {
        var g = Graph.builder();
        var shape = new Shape(List.of(batch, Dimension.of(5), Dimension.of(37), Dimension.of(41)));
        var x = g.input("x", new TensorType(DType.FLOAT32, shape));
        var padded = new Window(1, 1, 1, 1);
        var plain = new Window(1, 1, 0, 0);
        x = conv(g, x, new Conv(List.of(padded, padded), 1), random(1, 19, 5, 3, 3));
        x = conv(g, x, new Conv(List.of(plain, plain), 1), random(6, 20, 19, 1, 1));
        x = conv(g, x, new Conv(List.of(padded, padded), 1), random(7, 24, 20, 3, 3));
        x = conv(g, x, new Conv(List.of(padded, padded), 24), random(2, 24, 1, 3, 3));
        x = conv(g, x, new Conv(List.of(plain, plain), 1), random(3, 7, 24, 1, 1));
        x = g.apply(new Flatten(1), x);
        var weights = g.constant("w", random(4, 45, 7 * 37 * 41));
        x = g.apply(new Gemm(false, true), x, weights, g.constant("b", random(5, 45)));
        return g.build(Map.of("y", g.apply(new Softmax(1), x)));
    }

    private static Value conv(Graph.Builder g, Value x, Conv conv, Tensor weights) {
        return g.apply(new Relu(), g.apply(conv, x, g.constant("weights", weights)));
    }

    private void serve(String folder, Graph graph) {
        server.putAll(folder, GraphDescriptor.generate(Backend.WEBASSEMBLY, graph).files());
    }

    @ParameterizedTest
    @CsvSource({"2,false", "3,false", "4,false", "2,true"})
    void anyNumberOfThreadsGivesTheSameBits(int threads, boolean worker) {
        server.isolate(_ -> true);
        serve("fixed", network(Dimension.of(1)));
        serve("symbolic", network(Dimension.symbol("N")));
        var options = "{threads: %d, worker: %b}".formatted(threads, worker);
        try (var page = browser.open(server)) {
            for (var folder : List.of("fixed", "symbolic")) {
                var shapes = folder.equals("fixed") ? "undefined" : "[[3, 5, 37, 41]]";
                var result =
                        page.run(
                                TOOLS
                                        + """
                                        const one = await load('%1$s', {threads: 1})
                                        fill(one, %3$s)
                                        const expected = await bits(one)
                                        globalThis.r = await load('%1$s', %2$s)
                                        fill(r, %3$s)
                                        const threads = await joined(r, %4$d)
                                        let same = 0
                                        for (let i = 0; i < 20; i++) same += await bits(r) === expected
                                        return [one.statistics.threads, threads, same, (await r.selfTest()).passed]
                                        """
                                                .formatted(folder, options, shapes, threads));
                assertThat(result).as(folder).isEqualTo(List.of(1, threads, 20, true));
                page.run("r.dispose(); await new Promise(done => setTimeout(done, 50))");
            }
            assertThat(page.errors()).isEmpty();
            assertThat(page.warnings()).isEmpty();
        }
    }

    /// Kernels run while the weights are on their way, so that the first run meets fast code; that
    /// leaves no trace in what is computed.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void kernelsAreWarmBeforeTheWeightsAreThere(int threads) {
        server.isolate(_ -> true);
        serve("model", network(Dimension.symbol("N")));
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            TOOLS
                                    + """
                                    const shapes = [[2, 5, 37, 41]]
                                    const cold = await load('model', {threads: %1$d})
                                    fill(cold, shapes)
                                    const expected = await bits(cold)
                                    const calls = []
                                    const {instantiate} = WebAssembly
                                    WebAssembly.instantiate = async (...given) => {
                                      const {exports} = await instantiate(...given)
                                      const counted = ([name, f]) => [name, (...numbers) => { calls.push(name); f(...numbers) }]
                                      return {exports: Object.fromEntries(Object.entries(exports).map(counted))}
                                    }
                                    const {fetch} = globalThis
                                    let before
                                    globalThis.fetch = async (url, options) => {
                                      if (String(url).includes('.bin')) {
                                        for (let i = 0; i < 200 && new Set(calls).size < 4; i++) await new Promise(done => setTimeout(done, 10))
                                        before = new Set(calls).size
                                      }
                                      return fetch(url, options)
                                    }
                                    const warm = await load('model', {threads: %1$d})
                                    fill(warm, shapes)
                                    return [before >= 4, await bits(warm) === expected]
                                    """
                                            .formatted(threads));
            assertThat(result).isEqualTo(List.of(true, true));
            assertThat(page.errors()).isEmpty();
        }
    }

    /// Every operator, every kernel divided however small it is. The page takes some cases at once,
    /// since threads start slowly, and runs them while the next ones are compiled.
    @Test
    void everyOperatorGivesTheSameBits() {
        server.isolate(_ -> true);
        var cases = OperatorSuite.cases().toList();
        var wrong = new ArrayList<String>();
        int several = 0;
        int count = 0;
        try (var page = browser.open(server)) {
            var next = CompletableFuture.supplyAsync(() -> jobs(cases, 0));
            for (int from = 0; from < cases.size(); from += BATCH) {
                var jobs = next.join();
                int following = from + BATCH;
                next = CompletableFuture.supplyAsync(() -> jobs(cases, following));
                var result = page.run(TOOLS + "const jobs = [" + jobs + "]\n" + COMPARE);
                assertThat(result).isInstanceOf(List.class);
                var numbers = (List<?>) result;
                several += (Integer) numbers.get(0);
                count += (Integer) numbers.get(1);
                for (var c : numbers.subList(2, numbers.size()))
                    wrong.add(cases.get((Integer) c).name());
            }
            assertThat(wrong).isEmpty();
            assertThat(several).as("cases on several threads").isGreaterThan(100);
            assertThat(count).as("cases").isGreaterThan(500);
            assertThat(page.errors()).isEmpty();
        }
    }

    /// Serves the cases of a batch; {@return what the page is to know of them}
    private String jobs(List<OperatorCase> cases, int from) {
        var jobs = new StringBuilder();
        for (int c = from; c < Math.min(from + BATCH, cases.size()); c++) {
            var one = cases.get(c);
            if (serveDivided("case" + c, one))
                jobs.append("[%d, [%s], [%s]],".formatted(c, shapes(one), integers(one)));
        }
        return jobs.toString();
    }

    private static String shapes(OperatorCase one) {
        return one.inputs().stream()
                .map(input -> Arrays.toString(input.shape()))
                .collect(Collectors.joining(","));
    }

    /// {@return the inputs that are a few integers, `null` for others: what they hold may say what
    /// shapes there are}
    private static String integers(OperatorCase one) {
        return one.inputs().stream()
                .map(input -> {
                    if (!input.dtype().isInteger() || input.size() > 16) return "null";
                    var values = new long[input.size()];
                    for (int i = 0; i < values.length; i++) values[i] = input.getLong(i);
                    return Arrays.toString(values);
                })
                .collect(Collectors.joining(","));
    }

    /// {@return whether there is something to divide}
    private boolean serveDivided(String folder, OperatorCase one) {
        Map<String, byte[]> files;
        try {
            files = GraphDescriptor.generate(Backend.WEBASSEMBLY, one.graph()).files();
        } catch (CompileException e) {
            return false; // the target does not take it: OperatorSuiteTest says what those are
        }
        server.putAll(folder, files);
        var plan = folder + "/graph_webassembly.json";
        var text = new String(server.content("/" + plan), StandardCharsets.UTF_8);
        server.put("/" + plan, text.replace("\"work\":", "\"work\":1e9,\"cost\":"));
        return text.contains("\"work\":");
    }

    @Test
    void nothingIsMadeAfterTheFirstRunAndNothingIsLeft() {
        server.isolate(_ -> true);
        serve("model", network(Dimension.of(1)));
        var count =
                """
                globalThis.made = {}
                for (const name of ['Worker', 'SharedArrayBuffer', 'ArrayBuffer', 'Float32Array', 'Int32Array', 'Uint32Array'])
                  globalThis[name] = new Proxy(globalThis[name], {construct(target, values, as) {
                    made[name] = (made[name] ?? 0) + 1
                    return Reflect.construct(target, values, as)
                  }})
                """;
        try (var page = browser.open(server, count)) {
            var result =
                    page.run(
                            TOOLS
                                    + """
                                    globalThis.r = await load('model', {threads: 3})
                                    fill(r)
                                    const threads = await joined(r, 3)
                                    const {Worker} = made
                                    made = {}
                                    for (let i = 0; i < 10; i++) await r.run()
                                    return [threads, Worker, JSON.stringify(made)]
                                    """);
            assertThat(result).isEqualTo(List.of(3, 2, "{}"));
            assertThat(page.page().workers()).hasSize(2);
            page.run("r.dispose();");
            page.page().waitForCondition(() -> page.page().workers().isEmpty());
            assertThat(page.errors()).isEmpty();
        }
    }

    @Test
    void aPageThatIsNotIsolatedHasOneThread() {
        serve("model", network(Dimension.of(1)));
        var load =
                "const r = await load('model', %s); fill(r); for (let i = 0; i < 20; i++) await"
                        + " r.run(); return [crossOriginIsolated, r.statistics.threads]";
        try (var page = browser.open(server)) {
            assertThat(page.run(TOOLS + load.formatted("{}"))).isEqualTo(List.of(false, 1));
            assertThat(page.warnings()).isEmpty();
            assertThat(page.run(TOOLS + load.formatted("{threads: 2}")))
                    .isEqualTo(List.of(false, 1));
            assertThat(page.warnings())
                    .containsExactly(
                            "WebDNN: threads: expected a page that is isolated across origins (by"
                                    + " COOP and COEP headers), got one that is not; one thread"
                                    + " computes instead of 2");
            assertThat(page.page().workers()).isEmpty();
        }
    }

    /// The default is as many threads as processors, at most four; small networks stay on one.
    @Test
    void theDefaultGoesByTheProcessorsAndTheWork() {
        server.isolate(_ -> true);
        serve("model", network(Dimension.of(1)));
        server.putAll("small", HandMadeModel.twice());
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    TOOLS
                                            + "const n = Math.min(4, navigator.hardwareConcurrency);"
                                            + " const r = await load('model'); fill(r); return"
                                            + " await joined(r, n) === n"))
                    .isEqualTo(true);
            int workers = page.page().workers().size();
            assertThat(
                            page.run(
                                    TOOLS
                                            + "const r = await load('small', {threads: 4});"
                                            + " r.inputs[0].set([1, 2, 3, 4, 5]); await r.run();"
                                            + " return [r.statistics.threads, r.outputs[0][4]]"))
                    .isEqualTo(List.of(1, 15));
            assertThat(page.page().workers()).hasSize(workers);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void threadsThatCannotBeStartedAreMissedWithAWarning(boolean script) {
        // a script without the headers is refused as a worker of an isolated page
        server.isolate(path -> !script || path.equals("/"));
        serve("model", network(Dimension.of(1)));
        var broken =
                script ? "" : "globalThis.Worker = class { constructor() { throw Error('no!') } }";
        try (var page = browser.open(server, broken)) {
            assertThat(
                            page.run(
                                    TOOLS
                                            + "const r = await load('model', {threads: 2}); fill(r);"
                                            + " for (let i = 0; i < 20; i++) await r.run(); const y"
                                            + " = await bits(r); await new Promise(done =>"
                                            + " setTimeout(done, 300)); const one = await"
                                            + " load('model', {threads: 1}); fill(one); return"
                                            + " [crossOriginIsolated, r.statistics.threads, await"
                                            + " bits(one) === y]"))
                    .isEqualTo(List.of(true, 1, true));
            var address = server.address() + "webdnn.js";
            assertThat(page.warnings())
                    .containsExactly(
                            script
                                    ? "WebDNN: threads: one fewer than 2: "
                                            + address
                                            + " could not be loaded"
                                    : "WebDNN: threads: one fewer than 2: worker: "
                                            + address
                                            + " could not be started: no!");
        }
    }

    @Test
    void aKernelThatFailsOnSeveralThreadsIsNamed() {
        server.isolate(_ -> true);
        serve("model", network(Dimension.of(1)));
        var plan = "/model/graph_webassembly.json";
        var text = new String(server.content(plan), StandardCharsets.UTF_8);
        // rows of pixels beyond the memory
        var wrong = text.replaceFirst("\"parameters\":\\[0,37]", "\"parameters\":[0,100000000]");
        assertThat(wrong).isNotEqualTo(text);
        server.put("/broken/graph_webassembly.json", wrong);
        for (var file :
                List.of("kernels_simd.wasm", "kernels_relaxed.wasm", "weight_webassembly.bin"))
            server.put("/broken/" + file, server.content("/model/" + file));
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            TOOLS
                                    + "const r = await load('broken', {threads: 2}); fill(r); for"
                                    + " (let i = 0; i < 100; i++) { try { await r.run(); return"
                                    + " 'no error' } catch (e) { if (r.statistics.threads > 1) throw"
                                    + " e; await new Promise(done => setTimeout(done, 5)) } }");
            assertThat(result)
                    .asString()
                    .matches(
                            "KERNEL\\|kernel '.*': WebAssembly stopped: (memory access out of"
                                    + " bounds|in another thread)\\|.*");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1.5", "'2'"})
    void aNumberOfThreadsIsAWholeNumber(String threads) {
        try (var page = browser.open(server)) {
            assertThat(page.run("await WebDNN.load('./model', {threads: " + threads + "})"))
                    .isEqualTo(
                            "OPTION|options: threads: expected a whole number from 1 on, got "
                                    + threads.replace("'", "\"")
                                    + "|");
        }
    }
}
