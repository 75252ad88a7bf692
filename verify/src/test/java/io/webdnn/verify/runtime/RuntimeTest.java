package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a page does with a model that can be loaded.
class RuntimeTest extends PageTest {
    /// Sets `n` rows `0, 1, 2 …`, runs, and counts the numbers that are not `2 x + w`.
    private static final String CHECK =
            "const check = async (r, n) => { r.inputs[0].set(Float32Array.from({length: 5 * n},"
                    + " (_, i) => i)); await r.run(); const y = r.outputs[0].toActual(); return"
                    + " y.length === 5 * n ? y.filter((v, i) => v !== 2 * i + i % 5 + 1).length :"
                    + " 'length ' + y.length };";

    @BeforeEach
    void putModel() {
        server.putAll("model", HandMadeModel.twice());
    }

    @ParameterizedTest
    @ValueSource(strings = {"webgpu", "webgl", "webassembly"})
    void oneDescriptorRunsAnyBatchSize(String backend) {
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            CHECK
                                    + "const r = await WebDNN.load('./model', {backendOrder: '"
                                    + backend
                                    + "'}); const wrong = []; for (const n of [1, 3, 3, 17, 5000,"
                                    + " 1, 0]) wrong.push(await check(r, n)); return [r.backendName,"
                                    + " wrong.join(), r.statistics.runs, r.statistics.kernels,"
                                    + " r.statistics.resizes, r.outputs[0].shape.join()]");
            // a batch of none runs no kernel; the same size twice needs no new buffers
            assertThat(result).isEqualTo(List.of(backend, "0,0,0,0,0,0,0", 7, 6, 6, "0,5"));
            assertThat(page.errors()).isEmpty();
            assertThat(page.warnings()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"webgpu", "webgl", "webassembly"})
    void runsTakeTurnsAndReadTheInputWhenTheirTurnComes(String backend) {
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            "const r = await WebDNN.load('./model', {backendOrder: ['"
                                    + backend
                                    + "']}); const x = r.getInputViews()[0], y ="
                                    + " r.getOutputViews()[0]; x.set([1, 1, 1, 1, 1]); const first"
                                    + " = r.run().then(() => y[0]); const second = first.then(() =>"
                                    + " x.set([2, 2, 2, 2, 2])).then(() => r.run()).then(() =>"
                                    + " y[0]); return await Promise.all([first, second, r.run()"
                                    + ".then(() => y.length)])");
            assertThat(result).isEqualTo(List.of(3, 5, 5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"webgpu", "webgl", "webassembly"})
    void selfTestComparesWithTheGoldenVectorsAndLeavesTheViewsAlone(String backend) {
        try (var page = browser.open(server)) {
            var load =
                    CHECK
                            + "const r = await WebDNN.load('./model', {backendOrder: '"
                            + backend
                            + "', cacheStrategy: 'networkOnly', saveCache: false});";
            assertThat(
                            page.run(
                                    load
                                            + "const wrong = await check(r, 3); const t = await"
                                            + " r.selfTest(); return [t.passed, t.compared,"
                                            + " t.backendName, r.outputs[0].length, wrong, await"
                                            + " check(r, 3)]"))
                    .isEqualTo(List.of(true, 10, backend, 15, 0, 0));

            for (var file : HandMadeModel.twice().keySet()) {
                if (file.endsWith(".json")) {
                    var path = "/model/" + file;
                    server.put(
                            path,
                            HandMadeModel.edit(server.content(path), "\"seed\":7", "\"seed\":8"));
                }
            }
            assertThat(page.run(load + "return (await r.selfTest()).passed")).isEqualTo(false);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"webgpu", "webgl"})
    void aLostDeviceComesBackWithTheNextRun(String backend) {
        try (var page =
                browser.open(
                        server,
                        "const request = GPUAdapter.prototype.requestDevice;"
                                + " GPUAdapter.prototype.requestDevice = async function(...a) { const d"
                                + " = await request.apply(this, a); globalThis.lose = () =>"
                                + " d.destroy(); return d; }; if ('"
                                + backend
                                + "' === 'webgl') { const get ="
                                + " HTMLCanvasElement.prototype.getContext;"
                                + " HTMLCanvasElement.prototype.getContext = function(...a) { const c"
                                + " = get.apply(this, a); globalThis.lose = () =>"
                                + " c.getExtension('WEBGL_lose_context').loseContext(); return c; }"
                                + " }")) {
            var result =
                    page.run(
                            CHECK
                                    + "const r = await WebDNN.load('./model', {backendOrder: '"
                                    + backend
                                    + "'}); const before = await check(r, 3); lose(); const after ="
                                    + " await check(r, 3); const again = check(r, 3); lose();"
                                    + " return [r.backendName, before, after, await again, await"
                                    + " check(r, 1), r.statistics.recoveries > 0]");
            assertThat(result).isEqualTo(List.of(backend, 0, 0, 0, 0, true));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    webgpu      | {}                                                        |
                    webgl       | {webgpu: {limits: {maxStorageBufferBindingSize: -1}}}     | gave no device
                    webassembly | {webgpu: {limits: {maxStorageBufferBindingSize: -1}}, webgl: {floatRenderTargets: false}} | EXT_color_buffer_float
                    webassembly | {webgpu: {limits: {maxStorageBufferBindingSize: -1}}, webgl: {maxTextureSize: 2048}}      | expected at least 4096, got 2048
                    """)
    void whatADeviceLacksGivesWayToTheNextBackendWithAWarning(
            String expected, String options, @org.jspecify.annotations.Nullable String warning) {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    CHECK
                                            + "const r = await WebDNN.load('./model',"
                                            + " {backendOptions: "
                                            + options
                                            + "}); return [r.backendName, await check(r, 3)]"))
                    .isEqualTo(List.of(expected, 0));
            if (warning == null) {
                assertThat(page.warnings()).isEmpty();
            } else {
                assertThat(page.warnings().getLast())
                        .startsWith("WebDNN: ")
                        .contains(warning)
                        .endsWith("; trying " + expected);
            }
            assertThat(page.errors()).isEmpty();
        }
    }

    @Test
    void fallbackIsSkippedWithAWarning() {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    "return (await WebDNN.load('./model', {backendOrder:"
                                            + " ['fallback', 'webassembly']})).backendName"))
                    .isEqualTo("webassembly");
            assertThat(page.warnings())
                    .singleElement()
                    .asString()
                    .contains("'fallback' is skipped");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maxTextureSize: 4096", "maxDrawBuffers: 4"})
    void whatIsTakenAwayFromWebGLChoosesTheSmallerPlan(String limit) {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    CHECK
                                            + "const r = await WebDNN.load('./model',"
                                            + " {backendOrder: 'webgl', backendOptions: {webgl:"
                                            + " {"
                                            + limit
                                            + "}}}); return await check(r, 5000)"))
                    .isEqualTo(0);
            assertThat(server.requests()).contains("/model/graph_webgl_4096.json");
        }
    }

    @Test
    void relaxedSimdIsUsedWhereTheBrowserHasIt() {
        server.putAll("model", HandMadeModel.twiceOrThrice());
        try (var page = browser.open(server)) {
            var load =
                    "const r = await WebDNN.load('./model', {backendOrder: 'webassembly',"
                            + " backendOptions: {webassembly: {relaxedSimd: %s}}});"
                            + " r.inputs[0].set([1, 1, 1, 1, 1]); await r.run(); return"
                            + " r.outputs[0][0]";
            assertThat(page.run(load.formatted(true))).isEqualTo(3);
            assertThat(page.run(load.formatted(false))).isEqualTo(4);
        }
    }

    @Test
    void onlyTheFilesOfTheBackendAreFetchedAndTheCacheSparesThem() {
        try (var page = browser.open(server)) {
            var load =
                    CHECK
                            + "const seen = []; const r = await WebDNN.load('./model',"
                            + " {backendOrder: 'webassembly', progressCallback: (...a) =>"
                            + " seen.push(a.join('/'))}); return [await check(r, 1),"
                            + " seen.at(-1)]";
            assertThat(page.run(load)).isEqualTo(List.of(0, "20/20"));
            assertThat(server.requests())
                    .containsExactlyInAnyOrder(
                            "/",
                            "/webdnn.js",
                            "/model/graph_webassembly.json",
                            "/model/kernels_relaxed.wasm",
                            "/model/weight_webassembly.bin");
            assertThat(page.run(load)).isEqualTo(List.of(0, "20/20"));
            assertThat(server.requests().subList(5, server.requests().size()))
                    .containsExactly("/model/graph_webassembly.json");
            server.close();
            assertThat(page.run(load)).as("offline").isEqualTo(List.of(0, "20/20"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3})
    void aFileMayBeCheckedInParts(int known) {
        server.putAll("model", HandMadeModel.inParts(known));
        try (var page = browser.open(server)) {
            for (var strategy : List.of("latest", "cacheOnly")) {
                assertThat(
                                page.run(
                                        CHECK
                                                + "return await check(await WebDNN.load('./model',"
                                                + " {backendOrder: 'webassembly', cacheStrategy: '"
                                                + strategy
                                                + "'}), 3)"))
                        .as(strategy)
                        .isEqualTo(0);
            }
        }
    }

    /// The first run does not wait for the cache; what is in the cache is what was loaded.
    @ParameterizedTest
    @ValueSource(strings = {"webgpu", "webgl", "webassembly"})
    void theCacheIsFilledAfterTheFirstRun(String backend) {
        try (var page = browser.open(server)) {
            var cached =
                    "const cached = async () => (await (await caches.open('webdnn')).keys()).length;";
            int files = backend.equals("webassembly") ? 3 : 2;
            var options = "{backendOrder: '" + backend + "'}";
            assertThat(
                            page.run(
                                    CHECK
                                            + cached
                                            + "const r = await WebDNN.load('./model', "
                                            + options
                                            + "); return [await cached(), await check(r, 3), await"
                                            + " r.saved().then(cached)]"))
                    .isEqualTo(List.of(0, 0, files));
            server.close();
            assertThat(
                            page.run(
                                    CHECK
                                            + "return await check(await WebDNN.load('./model', "
                                            + options
                                            + "), 17)"))
                    .as("offline")
                    .isEqualTo(0);
        }
    }

    /// To open a cache takes a browser a while: not when nothing was put there.
    @Test
    void theFirstVisitLooksIntoNoCache() {
        try (var page = browser.open(server)) {
            var looks =
                    "let looks = 0; const match = Cache.prototype.match; Cache.prototype.match ="
                            + " function (...what) { looks++; return match.apply(this, what) };"
                            + " const r = await WebDNN.load('./model', {backendOrder:"
                            + " 'webassembly'}); await r.saved(); Cache.prototype.match = match;"
                            + " return looks";
            assertThat(page.run(looks)).as("first visit").isEqualTo(0);
            assertThat(page.run(looks)).as("second visit").isEqualTo(2);
            page.run("localStorage.clear()");
            assertThat(page.run(looks)).as("nothing is known").isEqualTo(0);
            server.close();
            assertThat(page.run(looks)).as("offline").isEqualTo(3);
        }
    }

    /// Who asks for it does not wait for a run.
    @Test
    void theCacheIsFilledWhenAsked() {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    "const r = await WebDNN.load('./model', {backendOrder:"
                                            + " 'webassembly'}); await r.saved(); await r.saved();"
                                            + " return [(await (await caches.open('webdnn')).keys()).length,"
                                            + " r.statistics.runs]"))
                    .isEqualTo(List.of(3, 0));
        }
    }

    /// Nor does it wait for a run that may never come.
    @Test
    void theCacheIsFilledWithoutARun() {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    "await WebDNN.load('./model', {backendOrder: 'webassembly'});"
                                            + " const open = await caches.open('webdnn'); for (let i ="
                                            + " 0; i < 200 && (await open.keys()).length < 3; i++) await"
                                            + " new Promise(done => setTimeout(done, 50)); return (await"
                                            + " open.keys()).length"))
                    .isEqualTo(3);
        }
    }

    @Test
    void viewsAreArrays() {
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: 'webassembly'});
                            const x = r.inputs[0], y = r.outputs[0];
                            r.setPlaceholderValue({N: 2});
                            x.set([Float32Array.of(1, 2, 3, 4, 5), [[true, false], [3n, 4n, 5n]]]);
                            x[0] = 10;
                            x.set(Int8Array.of(-1, -2), 8);
                            await r.run();
                            const z = new Float32Array(10);
                            z.set(y);
                            return [x.name, x.dtype, x.shape.join(), x.length, y.length, y[0], [...y].join(), y.map(v => -v)[1],
                              z[9], y.indexOf(6), y.toActual() === y.toActual(), y.byteLength, await y === y]
                            """);
            assertThat(result)
                    .isEqualTo(
                            List.of(
                                    "x",
                                    "float32",
                                    "2,5",
                                    10,
                                    10,
                                    21,
                                    "21,6,9,12,15,3,2,9,2,1",
                                    -6,
                                    1,
                                    1,
                                    true,
                                    40,
                                    true));
        }
    }

    @Test
    void runsInAWorkerWhereThereIsNoWindow() {
        server.put(
                "/worker.mjs",
                "import * as WebDNN from './webdnn.mjs';"
                        + CHECK
                        + "const results = []; for (const backendOrder of ['webgpu', 'webgl',"
                        + " 'webassembly']) { const r = await WebDNN.load('./model',"
                        + " {backendOrder}); results.push(r.backendName, await check(r, 3)); }"
                        + " postMessage([typeof window, ...results])");
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    "const worker = new Worker('worker.mjs', {type: 'module'});"
                                            + " return await new Promise((done, fail) => {"
                                            + " worker.onmessage = e => done(e.data);"
                                            + " worker.onerror = e => fail(Error(e.message)); })"))
                    .isEqualTo(List.of("undefined", "webgpu", 0, "webgl", 0, "webassembly", 0));
        }
    }

    @Test
    void addressesAndOldOptionsOfWebDnn1AreAccepted() {
        server.putAll(
                "weights",
                Map.of("weight_webassembly.bin", server.content("/model/weight_webassembly.bin")));
        server.remove("/model/weight_webassembly.bin");
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    CHECK
                                            + "WebDNN.setDebugMode(false); const r = await"
                                            + " WebDNN.load('nowhere', {backendOrder:"
                                            + " ['webassembly'], ignoreCache: true,"
                                            + " weightDirectory: './weights/',"
                                            + " transformUrlDelegate: url =>"
                                            + " url.replace('nowhere', 'model')}); return ["
                                            + " WebDNN.isDebugMode(),"
                                            + " WebDNN.getBackendAvailability().defaultOrder.join(),"
                                            + " await check(r, 3)]"))
                    .isEqualTo(List.of(false, "webgpu,webgl,webassembly", 0));
        }
    }

    @Test
    void weightsOfEightBitsAreLookedUp() {
        server.putAll("model", HandMadeModel.eightBits());
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    CHECK
                                            + "return await check(await WebDNN.load('./model',"
                                            + " {backendOrder: 'webassembly'}), 3)"))
                    .isEqualTo(0);
        }
    }

    @Test
    void weightsOfHalfPrecisionAreWidened() {
        server.putAll("model", HandMadeModel.halves());
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    CHECK
                                            + "return await check(await WebDNN.load('./model',"
                                            + " {backendOrder: 'webassembly'}), 3)"))
                    .isEqualTo(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"js", "mjs"})
    void webAssemblyRunsInAWorkerWhereThePageAsksForIt(String kind) {
        server.put(
                "/",
                "<!doctype html><link rel=icon href='data:,'><script src='page.js' type=module></script>");
        server.put(
                "/page.js",
                kind.equals("mjs")
                        ? "import * as WebDNN from './webdnn.mjs'; globalThis.WebDNN = WebDNN"
                        : "document.head.append(Object.assign(document.createElement('script'),"
                                + " {src: 'webdnn.js'}))");
        server.putAll("trap", HandMadeModel.trap());
        try (var page = browser.open(server)) {
            page.page().waitForFunction("() => globalThis.WebDNN");
            assertThat(
                            page.run(
                                    CHECK
                                            + "const options = {backendOrder: 'webassembly', worker:"
                                            + " true}; globalThis.r = await WebDNN.load('./model',"
                                            + " options); return [await check(r, 1), await check(r,"
                                            + " 17), (await r.selfTest()).passed,"
                                            + " r.statistics.kernels]"))
                    .isEqualTo(List.of(0, 0, true, 3));
            assertThat(page.page().workers()).hasSize(1);
            page.run("r.dispose()");
            page.page().waitForCondition(() -> page.page().workers().isEmpty());
            assertThat(
                            page.run(
                                    "const r = await WebDNN.load('./trap', {backendOrder:"
                                            + " 'webassembly', worker: true}); r.inputs[0].set([1,"
                                            + " 2, 3, 4, 5]); await r.run()"))
                    .asString()
                    .startsWith("KERNEL|kernel 'double_it': WebAssembly stopped: ")
                    .endsWith("|double_it");
            assertThat(page.errors()).isEmpty();
        }
    }

    @Test
    void eachCacheStrategyAsksWhereItSays() {
        try (var page = browser.open(server)) {
            var load =
                    "const r = await WebDNN.load('./model', {backendOrder: 'webassembly',"
                            + " cacheStrategy: '%s'}); r.inputs[0].set([1, 1, 1, 1, 1]); await"
                            + " r.run(); return r.outputs[0][0]";
            assertThat(page.run(load.formatted("latest"))).isEqualTo(3);

            // another model at the same address: its first weight is 9
            var texts = HandMadeModel.twice();
            var other = HandMadeModel.withFirstWeight(9);
            assertThat(other.keySet()).isEqualTo(texts.keySet());
            server.putAll("model", other);
            assertThat(page.run(load.formatted("cacheOnly"))).isEqualTo(3);
            assertThat(page.run(load.formatted("cacheFirst"))).isEqualTo(3);
            assertThat(page.run(load.formatted("networkOnly"))).isEqualTo(11);
            server.putAll("model", texts);
            assertThat(page.run(load.formatted("networkFirst"))).isEqualTo(3);
            server.putAll("model", other);
            assertThat(page.run(load.formatted("latest"))).isEqualTo(11);
            server.close();
            assertThat(page.run(load.formatted("networkFirst"))).as("offline").isEqualTo(11);
            assertThat(page.run(load.formatted("networkOnly"))).asString().startsWith("NETWORK|");
        }
    }

    @Test
    void theDeclarationsNameWhatIsThere() {
        var declarations = new String(server.content("/webdnn.d.ts"), StandardCharsets.UTF_8);
        var declared =
                Pattern.compile(
                                "^export (?:declare )?(?:const|function|class) (\\w+)|^export \\{"
                                        + " \\w+ as (\\w+) \\}",
                                Pattern.MULTILINE)
                        .matcher(declarations)
                        .results()
                        .map(m -> m.group(1) == null ? m.group(2) : m.group(1))
                        .sorted()
                        .toList();
        try (var page = browser.open(server)) {
            assertThat(page.run("return Object.keys(WebDNN).sort()")).isEqualTo(declared);
            var image =
                    page.run("return Object.keys(WebDNN.Image).concat(Object.keys(WebDNN.Math))");
            for (var name : (List<?>) image) {
                assertThat(declarations).containsPattern("(?:function|const) " + name + "\\b");
            }
        }
    }

    @Test
    void arraysAreThereBeforeAnythingIsSetAsInWebDnn1() {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    "const r = await WebDNN.load('./model', {backendOrder:"
                                            + " ['webassembly']}); const y ="
                                            + " r.getOutputViews()[0].toActual(), x ="
                                            + " r.getInputViews()[0].toActual(); x.fill(1); await"
                                            + " r.run(); const first = y.join(); r.inputs[0].set([2,"
                                            + " 2, 2, 2, 2]); await r.run(); return [first, y.join()]"))
                    .isEqualTo(List.of("3,4,5,6,7", "5,6,7,8,9"));
        }
    }

    @Test
    void argmaxAndArgminGiveIndicesInOrder() {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    "const a = Float32Array.of(3, NaN, 9, -1, 9, 0); const {argmax,"
                                            + " argmin} = WebDNN.Math; return [argmax(a).join(),"
                                            + " argmax(a, 3).join(), argmin(a, 2).join(), argmax(a,"
                                            + " 9).join(), argmax([]).length]"))
                    .isEqualTo(List.of("2", "2,4,0", "3,5", "2,4,0,5,3,1", 0));
        }
    }
}
