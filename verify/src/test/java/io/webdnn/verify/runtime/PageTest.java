package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/// Tests with the browser of this machine, and with a server of its own for each; without a browser
/// they are skipped.
public abstract class PageTest {
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
