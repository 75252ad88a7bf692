package io.webdnn.verify.runtime;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.webdnn.verify.browser.Chromium;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// The Chromium of this machine, with WebGPU on its software adapter.
public final class TestBrowser implements AutoCloseable {
    private static final List<String> FLAGS =
            List.of(
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    Chromium.WORKGROUP_MEMORY_BY_LOOP,
                    "--enable-unsafe-webgpu");

    private final Playwright playwright;
    private final Browser browser;

    private TestBrowser(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /// Starts the browser; where there is none the test is skipped, and says so.
    public static TestBrowser start(String... flags) {
        var executable = find();
        Assumptions.assumeTrue(
                executable.isPresent(), "no Chromium found: install one, or set CHROME_PATH");
        System.setProperty("playwright.skipBrowserDownload", "true");
        var playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(java.util.Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        var all = Stream.concat(FLAGS.stream(), Stream.of(flags)).toList();
        var browser =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(executable.orElseThrow())
                                        .setChromiumSandbox(false)
                                        .setArgs(all));
        return new TestBrowser(playwright, browser);
    }

    /// Opens a page in a profile of its own.
    public TestPage open(PageServer server, String... initScripts) {
        var context = browser.newContext();
        var page = context.newPage();
        var errors = new ArrayList<String>();
        var warnings = new ArrayList<String>();
        page.onPageError(errors::add);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") && !message.text().contains("404")) {
                errors.add(message.text());
            } else if (message.type().equals("warning")) {
                warnings.add(message.text());
            }
        });
        page.addInitScript(
                "addEventListener('securitypolicyviolation', e =>"
                        + " console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))");
        for (var script : initScripts) {
            page.addInitScript(script);
        }
        page.navigate(server.address());
        return new TestPage(page, errors, warnings);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    private static Optional<Path> find() {
        var given = System.getenv("CHROME_PATH");
        if (given != null) {
            return Optional.of(Path.of(given));
        }
        var path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
                .flatMap(name ->
                        Stream.of(path.split(File.pathSeparator))
                                .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// A page, and what it wrote on its console.
    public record TestPage(Page page, List<String> errors, List<String> warnings)
            implements AutoCloseable {
        /// Runs the body of an asynchronous function; what it throws becomes its result, as
        /// `code|message|node`.
        public Object run(String body) {
            return page.evaluate(
                    "async () => { try { "
                            + body
                            + " } catch (e) { return [e.code ?? e.name, e.message, e.node ??"
                            + " ''].join('|') } }");
        }

        @Override
        public void close() {
            page.context().close();
        }
    }
}
