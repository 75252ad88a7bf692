package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `backendOrder: 'fastest'`.
class FastestTest extends PageTest {
    private static final String LOAD =
            "const load = (options = {}) => WebDNN.load('./model', {backendOrder: 'fastest',"
                    + " cacheStrategy: 'networkOnly', saveCache: false, ...options});"
                    + " const key = 'WebDNN fastest ' + new URL('./model', location.href).href;"
                    + " const known = () => JSON.parse(localStorage.getItem(key));";

    /// Makes a backend's runs take longer.
    private static final String SLOW =
            "const slow = (type, name) => { const plain = type.prototype[name];"
                    + " type.prototype[name] = function(...a) { const end = performance.now() + 30;"
                    + " while (performance.now() < end); return plain.apply(this, a); }; };";

    @BeforeEach
    void putModel() {
        server.putAll("model", HandMadeModel.twice());
    }

    @Test
    void theFirstVisitMeasuresAndLaterOnesRemember() {
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            LOAD
                                    + SLOW
                                    + "slow(GPUQueue, 'submit'); slow(WebGL2RenderingContext,"
                                    + " 'drawArrays'); const first = await load(); const ran ="
                                    + " first.statistics.kernels; const again = await load();"
                                    + " return [first.backendName, ran > 1, again.backendName,"
                                    + " again.statistics.kernels, known()[1]]");
            assertThat(result)
                    .isEqualTo(List.of("webassembly", true, "webassembly", 0, "webassembly"));
            assertThat(page.warnings()).isEmpty();
        }
    }

    @Test
    void whatIsRememberedHoldsForItsBrowserOnly() {
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            LOAD
                                    + "localStorage.setItem(key, JSON.stringify([navigator.userAgent,"
                                    + " 'webgl'])); const kept = await load();"
                                    + " localStorage.setItem(key, JSON.stringify(['another',"
                                    + " 'webgl'])); const measured = await load();"
                                    + " localStorage.setItem(key, 'no JSON'); const broken = await"
                                    + " load(); return [kept.backendName, kept.statistics.kernels,"
                                    + " measured.statistics.kernels > 0,"
                                    + " broken.statistics.kernels > 0, known()[0] ==="
                                    + " navigator.userAgent]");
            assertThat(result).isEqualTo(List.of("webgl", 0, true, true, true));
        }
    }

    @Test
    void aBackendThatIsWrongIsNotTaken() {
        for (var file : List.of("graph_webassembly.json", "graph_webgpu.json")) {
            var path = "/model/" + file;
            server.put(path, HandMadeModel.edit(server.content(path), "\"seed\":7", "\"seed\":8"));
        }
        try (var page = browser.open(server)) {
            assertThat(page.run(LOAD + "return (await load()).backendName")).isEqualTo("webgl");
            assertThat(page.warnings().toString())
                    .contains("webgpu: the self-test failed: output 'y' at")
                    .contains("; trying webgl");
        }
    }

    @Test
    void anErrorSaysWhyEachBackendFailed() {
        for (var file : HandMadeModel.twice().keySet()) {
            if (!file.endsWith(".json")) continue;
            var path = "/model/" + file;
            server.put(path, HandMadeModel.edit(server.content(path), "\"seed\":7", "\"seed\":8"));
        }
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            LOAD
                                    + "try { await load(); } catch (e) { return [e.code,"
                                    + " e.causes.map(c => c.code).join(), known() === null]; }");
            assertThat(result).isEqualTo(List.of("NO_BACKEND", "WRONG,WRONG,WRONG", true));
        }
    }
}
