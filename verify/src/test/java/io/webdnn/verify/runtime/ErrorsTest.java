package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each error of the runtime, provoked: its code, its words, and the kernel that it names.
class ErrorsTest extends PageTest {
    private static final String WEBASSEMBLY = "{backendOrder: ['webassembly']}";

    @BeforeEach
    void putModel() {
        server.putAll("model", HandMadeModel.twice());
    }

    /// {@return `code|message|node` of what the body throws}
    private String error(String body) {
        try (var page = browser.open(server)) {
            var result = String.valueOf(page.run(body + "; return 'no error'"));
            assertThat(page.errors()).isEmpty();
            return result;
        }
    }

    private String loadError(String options) {
        return error("await WebDNN.load('./model', " + options + ")");
    }

    private String runError(String body) {
        return error("const r = await WebDNN.load('./model', " + WEBASSEMBLY + "); " + body);
    }

    private void edit(String file, String from, String to) {
        server.put(
                "/model/" + file, HandMadeModel.edit(server.content("/model/" + file), from, to));
    }

    @Test
    void aTruncatedWeightFile() {
        var path = "/model/weight_webassembly.bin";
        server.put(path, Arrays.copyOf(server.content(path), 10));
        assertThat(loadError(WEBASSEMBLY))
                .isEqualTo("TRUNCATED|./model/weight_webassembly.bin: expected 20 bytes, got 10|");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weight_webassembly.bin", "kernels_relaxed.wasm"})
    void aFileWithOtherBytes(String file) {
        var content = server.content("/model/" + file);
        content[content.length - 1]++;
        server.put("/model/" + file, content);
        assertThat(loadError(WEBASSEMBLY))
                .startsWith("HASH|./model/" + file + ": expected SHA-256 ")
                .contains("; the file belongs to another descriptor");
    }

    /// A file is checked part by part; as a whole where the descriptor does not name all parts.
    @ParameterizedTest
    @CsvSource({"3, 0, 8", "3, 8, 8", "3, 19, 4", "2, 19, 20"})
    void aFileWithOtherBytesInAPart(int known, int at, int length) {
        server.putAll("model", HandMadeModel.inParts(known));
        var path = "/model/weight_webassembly.bin";
        var content = server.content(path);
        int first = at / length * length;
        var part = Arrays.copyOfRange(content, first, first + length);
        content[at]++;
        server.put(path, content);
        assertThat(loadError(WEBASSEMBLY))
                .startsWith(
                        "HASH|."
                                + path
                                + ": expected SHA-256 "
                                + HandMadeModel.sha256(part)
                                + ", got ");
    }

    @Test
    void aFormatThatIsNotKnown() {
        edit("graph_webassembly.json", "\"format\":2", "\"format\":99");
        assertThat(loadError(WEBASSEMBLY))
                .startsWith(
                        "FORMAT|graph_webassembly.json: format: expected 2 or 3, got 99; convert");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    "format":2,         | "format":            | expected JSON, got something else
                    "buffers":[0,1,2]   | "buffers":[0,1,3]    | kernel 'double_it': buffers: expected 0 to 2, got 3
                    "buffer":2          | "buffer":-1          | 'y': buffer: expected 0 to 2, got -1
                    "type":"float32"    | "type":"float8"      | type: expected float32, float64, int32, uint32, int64, uint64, got "float8"
                    "webassembly"       | "webgl"              | backend: expected webassembly, got "webgl"
                    "weight":[0,20]     | "weight":[0,24]      | buffer 1: weight: expected 20 bytes inside of 20, got [0, 24]
                    "module":"twice"    | "module":"once"      | expected an exported function 'once', got undefined
                    """)
    void aBrokenDescriptor(String from, String to, String message) {
        edit("graph_webassembly.json", from, to);
        assertThat(loadError(WEBASSEMBLY)).startsWith("DESCRIPTOR|").contains(message);
    }

    @Test
    void anEncodingThatIsNotKnown() {
        edit("graph_webassembly.json", "\"encoding\":\"raw\"", "\"encoding\":\"int3\"");
        assertThat(loadError(WEBASSEMBLY))
                .startsWith(
                        "FORMAT|buffer 1: encoding: expected raw, float16, eightbit or a narrow integer,"
                                + " got int3");
    }

    @Test
    void aMissingDescriptor() {
        server.remove("/model/graph_webassembly.json");
        assertThat(loadError(WEBASSEMBLY))
                .startsWith("HTTP|./model/graph_webassembly.json: expected a file, got HTTP 404");
    }

    @Test
    void noBackendAtAllSaysWhyForEach() {
        server.remove("/model/graph_webassembly.json");
        assertThat(
                        loadError(
                                "{backendOrder: ['webgl', 'webassembly'], backendOptions: {webgl:"
                                        + " {floatRenderTargets: false}}}"))
                .startsWith("NO_BACKEND|No backend is available: webgl: WebGL2 on this device")
                .contains("; webassembly: ./model/graph_webassembly.json: expected a file");
        assertThat(
                        error(
                                "try { await WebDNN.load('./none') } catch (e) { throw Error([e"
                                        + " instanceof WebDNN.BackendError, e instanceof"
                                        + " WebDNN.WebDNNError, e.causes.map(c => c.code), e.cause ==="
                                        + " e.causes[0]]) }"))
                .isEqualTo("Error|true,true,HTTP,HTTP,HTTP,true|");
    }

    @Test
    void aServerThatDoesNotAnswer() {
        try (var page = browser.open(server)) {
            page.page().route("**/model/**", route -> route.abort());
            assertThat(page.run("await WebDNN.load('./model', " + WEBASSEMBLY + ")"))
                    .asString()
                    .startsWith("NETWORK|./model/graph_webassembly.json: could not be fetched: ");
        }
    }

    @Test
    void whatIsNotInTheCache() {
        assertThat(loadError("{backendOrder: 'webassembly', cacheStrategy: 'cacheOnly'}"))
                .startsWith("NOT_CACHED|./model/graph_webassembly.json: expected to find it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {backend: 'webgl'}              | options: expected backendOrder,
                    {backendOrder: 'cuda'}          | options: backendOrder: expected some of webgpu, webgl, webassembly, or 'fastest', got "cuda"
                    {backendOrder: ['fastest']}     | options: backendOrder: expected some of webgpu, webgl, webassembly, or 'fastest', got ["fastest"]
                    {backendOrder: ['fallback']}    | options: backendOrder: expected at least one of webgpu, webgl, webassembly, got none
                    {progressCallback: 3}           | options: progressCallback: expected a function, got 3
                    {cacheStrategy: 'sometimes'}    | options: cacheStrategy: expected latest, networkFirst, cacheFirst, networkOnly, cacheOnly, got "sometimes"
                    {saveCache: 'yes'}              | options: saveCache: expected a boolean, got "yes"
                    {signal: {}}                    | options: signal: expected an AbortSignal, got {}
                    7                               | options: expected an object, got 7
                    """)
    void anOptionThatIsWrong(String options, String message) {
        assertThat(loadError(options)).startsWith("OPTION|" + message);
    }

    @Test
    void loadingThatIsAborted() {
        assertThat(loadError("{signal: AbortSignal.abort()}")).startsWith("20|"); // AbortError
        assertThat(
                        error(
                                "const c = new AbortController(); const l = WebDNN.load('./model',"
                                        + " {signal: c.signal, progressCallback: () => c.abort(new"
                                        + " Error('enough'))}); await l"))
                .isEqualTo("Error|enough|");
    }

    @Test
    void aKernelThatWebGpuDoesNotCompile() {
        edit("graph_webgpu.json", "2.0 * x[id.x]", "2.0 * nothing[id.x]");
        assertThat(loadError("{backendOrder: 'webgpu'}"))
                .startsWith("KERNEL|kernel 'double_it': WebGPU did not compile it: line 1: ")
                .contains("nothing")
                .endsWith("|double_it");
    }

    @Test
    void aKernelThatWebGlDoesNotCompile() {
        for (var file : HandMadeModel.twice().keySet()) {
            if (file.startsWith("graph_webgl_")) {
                edit(file, "y = 2.0", "y = nothing");
            }
        }
        assertThat(loadError("{backendOrder: 'webgl'}"))
                .startsWith("KERNEL|kernel 'double_it': WebGL did not compile it: ERROR: ")
                .contains("nothing")
                .endsWith("|double_it");
    }

    @Test
    void aKernelThatStops() {
        server.putAll("model", HandMadeModel.trap());
        assertThat(runError("r.inputs[0].set([1, 2, 3, 4, 5]); await r.run()"))
                .startsWith("KERNEL|kernel 'double_it': WebAssembly stopped: ")
                .endsWith("|double_it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    await r.run()                         | PLACEHOLDER | placeholder 'N': expected a value, got none
                    r.outputs[0].shape                    | PLACEHOLDER | placeholder 'N': expected a value, got none
                    r.setPlaceholderValue({M: 1})         | PLACEHOLDER | placeholder 'M': expected one of 'N'
                    r.setPlaceholderValue({N: 1.5})       | PLACEHOLDER | placeholder 'N': expected a whole number from 0 on, got 1.5
                    r.inputs[0].set([1, 2, 3])            | INPUT | input 'x': expected a length that fits [N, 5], got 3
                    r.inputs[0].set([1], 0, [1, 4])       | INPUT | input 'x': shape: expected [N, 5], got [1,4]
                    r.inputs[0].set([1], 0, [5])          | INPUT | input 'x': shape: expected 2 extents like [N, 5], got [5]
                    r.inputs[0].set('12345')              | INPUT | input 'x': expected an array of numbers, got string
                    r.setPlaceholderValue({N: 1}); r.inputs[0].set([1, 2, 3, 4, 5, 6])    | INPUT | input 'x': expected at most 5 numbers for [1,5], got 6
                    r.setPlaceholderValue({N: 1}); r.inputs[0].set([1, 2, 3], 4)          | INPUT | input 'x': expected at most 5 numbers for [1,5], got 3 from 4 on
                    r.inputs[0].set([1, 2, 3, 4, 5]); r.setPlaceholderValue({N: 2}); await r.run() | INPUT | input 'x': expected an array of [2,5], got the array of another size; set it again
                    r.dispose(); await r.run()            | DISPOSED | this runner was disposed of; load the model again
                    """)
    void aRunThatIsWrong(String body, String code, String message) {
        assertThat(runError(body)).startsWith(code + "|" + message);
    }

    @Test
    void anInputErrorDoesNotStopLaterRuns() {
        assertThat(
                        runError(
                                "await r.run().catch(() => {}); r.inputs[0].set([1, 1, 1, 1, 1]);"
                                        + " await r.run(); throw Error(r.outputs[0].join())"))
                .isEqualTo("Error|3,4,5,6,7|");
    }

    @Test
    void aSelfTestWithoutGoldenVectors() {
        edit("graph_webassembly.json", "\"golden\"", "\"silver\"");
        assertThat(runError("await r.selfTest()"))
                .startsWith("NO_GOLDEN|graph_webassembly.json: golden: expected vectors");
    }

    @Test
    void runsInProgressEndBeforeTheDeviceIsFreed() {
        for (var backend : new String[] {"webgpu", "webgl", "webassembly"}) {
            assertThat(
                            error(
                                    "const r = await WebDNN.load('./model', {backendOrder: '"
                                            + backend
                                            + "'}); r.inputs[0].set([1, 1, 1, 1, 1]); const running"
                                            + " = r.run(); r.dispose(); r.dispose(); await running;"
                                            + " throw Error(r.outputs[0].join())"))
                    .isEqualTo("Error|3,4,5,6,7|");
        }
    }
}
