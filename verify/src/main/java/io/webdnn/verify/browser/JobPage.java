package io.webdnn.verify.browser;

import io.webdnn.runtime.BrowserRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A page in a real browser that works for us: it asks our server at `/next` for a job, and sends
/// what came out to `/result?number=…`, over and over. Of a long job it gives signs of life at
/// `/alive?number=…`. To `/next` it adds its own query, by which we know which browser asks.
///
/// A page that gives no sign of life in time, or whose browser died, is replaced by a new one.
public final class JobPage implements AutoCloseable {
    private final String address;
    private final int seconds;
    private final List<String> flags;
    private final TestServer server = TestServer.start();
    private @Nullable Chromium browser;
    private volatile Visit visit = new Visit(0);
    private volatile @Nullable Job current;
    private int count;

    /// A job; empty answers are signs of life.
    private record Job(int number, String text, BlockingQueue<byte[]> answers) {}

    /// A browser's page, and the job that waits for it. A request of a page that is gone may still
    /// wait for one: it must not get what is meant for the next.
    private record Visit(String query, BlockingQueue<Job> jobs) {
        Visit(int number) {
            this("page=" + number, new ArrayBlockingQueue<>(1));
        }
    }

    /// What a page has sent: lines, an empty line, and bytes.
    ///
    /// @param bytes little endian
    public record Answer(List<String> lines, ByteBuffer bytes) {
        static Answer of(byte[] content) {
            for (int i = 1; i < content.length; i++) {
                if (content[i] != '\n' || content[i - 1] != '\n') continue;
                var text = new String(content, 0, i - 1, StandardCharsets.UTF_8);
                var rest = ByteBuffer.wrap(content, i + 1, content.length - i - 1).slice();
                return new Answer(
                        List.of(text.split("\n", -1)), rest.order(ByteOrder.LITTLE_ENDIAN));
            }
            throw new IllegalStateException("page: expected an empty line in the answer");
        }
    }

    /// @param owner the class beside which the page's files stand
    /// @param page the name of its `.html` and `.js`
    /// @param seconds how long a page may give no sign of life
    /// @param flags of the browser's command line
    public JobPage(Class<?> owner, String page, int seconds, List<String> flags) {
        address = server.address("/" + page + ".html");
        this.seconds = seconds;
        this.flags = List.copyOf(flags);
        for (var name : List.of(page + ".html", page + ".js"))
            server.put("/" + name, resource(owner, name));
        server.put("/webdnn.js", BrowserRuntime.read("webdnn.js"));
        server.handle("/next", (query, _) -> next(query));
        server.handle("/result", this::result);
        server.handle("/alive", (query, _) -> result(query, new byte[0]));
    }

    private static byte[] resource(Class<?> owner, String name) {
        try (InputStream in = owner.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException(name + " is missing in the build");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return the server, for what else the page needs}
    public TestServer server() {
        return server;
    }

    /// {@return the page's answer to a job}
    ///
    /// @param text a word and its value on each line
    /// @throws IllegalStateException because the page does not answer
    public synchronized Answer ask(String text) throws InterruptedException {
        if (browser == null || !browser.isAlive()) reopen();
        var job = new Job(++count, text, new LinkedBlockingQueue<>());
        current = job;
        visit.jobs.clear();
        visit.jobs.add(job);
        for (int silence = 0; silence < seconds; silence++) {
            var answer = job.answers.poll(1, TimeUnit.SECONDS);
            if (answer != null && answer.length > 0) return Answer.of(answer);
            if (answer != null) silence = -1;
            if (browser == null || !browser.isAlive()) break;
        }
        var said = browser == null ? "" : browser.output();
        var why =
                browser != null && browser.isAlive()
                        ? "no sign of life in " + seconds + " s"
                        : "died";
        closeBrowser();
        throw new IllegalStateException("the browser: " + why + ": " + said.strip());
    }

    /// Ends the browser, so that the next job finds a new one.
    public synchronized void renew() {
        closeBrowser();
    }

    private void reopen() {
        closeBrowser();
        visit = new Visit(count);
        browser = Chromium.open(address + "?" + visit.query, flags);
    }

    private void closeBrowser() {
        if (browser != null) browser.close();
        browser = null;
    }

    private byte @Nullable [] next(String query) throws InterruptedException {
        var asked = visit;
        if (!query.equals(asked.query)) return null;
        var job = asked.jobs.poll(20, TimeUnit.SECONDS);
        return job == null
                ? null
                : ("number " + job.number + "\n" + job.text).getBytes(StandardCharsets.UTF_8);
    }

    private byte @Nullable [] result(String query, byte[] body) {
        var job = current;
        if (job != null && query.equals("number=" + job.number)) job.answers.add(body);
        return null;
    }

    @Override
    public void close() {
        closeBrowser();
        server.close();
    }
}
