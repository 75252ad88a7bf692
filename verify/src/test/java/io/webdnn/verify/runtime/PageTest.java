package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/// Tests with the browser of this machine, and with a server of its own for each; without a browser
/// they are skipped.
public abstract class PageTest {
    /// A script of a page in which `lose()` takes the device away that was asked for last.
    protected static final String LOSE =
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

    @SuppressWarnings("NullAway.Init") // set before the tests
    protected static TestBrowser browser;

    protected final PageServer server = new PageServer();

    @BeforeAll
    protected static void startBrowser() {
        browser = TestBrowser.start();
    }

    @AfterAll
    protected static void closeBrowser() {
        if (browser != null) { // null where the tests were skipped
            browser.close();
        }
    }

    /// Expects that the model in `/model` runs on a backend and passes its self-test.
    protected void expectSelfTest(Backend backend) {
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            "const r = await WebDNN.load('./model', {backendOrder: '"
                                    + backend
                                    + "', saveCache: false}); return r.backendName + ' ' + (await"
                                    + " r.selfTest()).passed");
            assertThat(page.errors()).isEmpty();
            assertThat(result).isEqualTo(backend + " true");
        }
    }

    @AfterEach
    protected void closeServer() {
        server.close();
    }
}
