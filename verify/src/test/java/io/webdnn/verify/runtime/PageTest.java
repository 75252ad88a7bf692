package io.webdnn.verify.runtime;

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

    @AfterEach
    protected void closeServer() {
        server.close();
    }
}
