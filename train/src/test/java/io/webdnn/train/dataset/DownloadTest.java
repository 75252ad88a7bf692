package io.webdnn.train.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
    /// SHA-256 of `hello`.
    private static final RemoteFile HELLO =
            new RemoteFile(
                    "hello.txt",
                    5,
                    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");

    @TempDir Path directory;
    private HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        serve("/good/", 200, "hello");
        serve("/other/", 200, "HELLO");
        serve("/short/", 200, "hell");
        serve("/long/", 200, "hello, hello");
        serve("/gone/", 404, "no such file");
        server.createContext(
                "/moved/",
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/good/hello.txt");
                    exchange.sendResponseHeaders(302, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void serve(String path, int status, String body) {
        server.createContext(
                path,
                exchange -> {
                    requests.incrementAndGet();
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
    }

    private URI mirror(String path) {
        return URI.create("http://localhost:" + server.getAddress().getPort() + path);
    }

    private void fetch(String... paths) {
        var mirrors = new ArrayList<URI>();
        for (var path : paths) mirrors.add(mirror(path));
        new Download(mirrors, Download.Progress.NONE).fetch(HELLO, directory);
    }

    @Test
    void aFileIsFetchedOnceAndItsProgressTold() throws IOException {
        var told = new ArrayList<String>();
        var download =
                new Download(
                        List.of(mirror("/good/")),
                        (file, bytes, total) -> told.add(file + " " + bytes + "/" + total));
        download.fetch(HELLO, directory);
        assertThat(directory.resolve("hello.txt")).hasContent("hello");
        assertThat(told).containsExactly("hello.txt 5/5");
        download.fetch(HELLO, directory);
        assertThat(requests).hasValue(1);
        Files.writeString(directory.resolve("hello.txt"), "hullo");
        download.fetch(HELLO, directory);
        assertThat(requests).hasValue(2);
        assertThat(directory.resolve("hello.txt")).hasContent("hello");
    }

    @Test
    void redirectsAreFollowed() {
        fetch("/moved/");
        assertThat(directory.resolve("hello.txt")).hasContent("hello");
    }

    @Test
    void theNextMirrorIsTriedAndFailuresLeaveNothing() {
        fetch("/gone/", "/other/", "/good/");
        assertThat(directory.resolve("hello.txt")).hasContent("hello");
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void whereNoMirrorHasItEachFailureIsNamed() {
        assertThatThrownBy(() -> fetch("/gone/", "/other/", "/short/", "/long/"))
                .isInstanceOf(DownloadException.class)
                .hasMessage(
                        """
                        hello.txt could not be downloaded; it can be put into %s by hand
                        %shello.txt: expected HTTP status 200, got 404
                        %shello.txt: expected SHA-256 %s, got %s
                        %shello.txt: expected 5 bytes, got 4
                        %shello.txt: expected 5 bytes, got more\
                        """
                                .formatted(
                                        directory,
                                        mirror("/gone/"),
                                        mirror("/other/"),
                                        HELLO.sha256(),
                                        "3733cd977ff8eb18b987357e22ced99f46097f31ecb239e878ae63760e83e4d5",
                                        mirror("/short/"),
                                        mirror("/long/")));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    @Timeout(20)
    void aMirrorThatFallsSilentIsLeftForTheNext() {
        var release = new CountDownLatch(1);
        server.createContext(
                "/silent/",
                exchange -> {
                    exchange.sendResponseHeaders(200, 5);
                    exchange.getResponseBody().write('h');
                    exchange.getResponseBody().flush();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    exchange.close();
                });
        var patience = Duration.ofMillis(500);
        try {
            var silent =
                    new Download(List.of(mirror("/silent/")), Download.Progress.NONE, patience);
            assertThatThrownBy(() -> silent.fetch(HELLO, directory))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageEndingWith(
                            "/silent/hello.txt: nothing more came for 0.5 s after 1 bytes");
            assertThat(directory).isEmptyDirectory();
            new Download(
                            List.of(mirror("/silent/"), mirror("/good/")),
                            Download.Progress.NONE,
                            patience)
                    .fetch(HELLO, directory);
            assertThat(directory.resolve("hello.txt")).hasContent("hello");
        } finally {
            release.countDown();
        }
    }

    @Test
    void withoutAServerTheReasonIsNamed() {
        server.stop(0);
        assertThatThrownBy(() -> fetch("/good/"))
                .isInstanceOf(DownloadException.class)
                .hasMessageEndingWith("/good/hello.txt: no connection");
        var nowhere = List.of(URI.create("http://host.invalid/"));
        assertThatThrownBy(
                        () -> new Download(nowhere, Download.Progress.NONE).fetch(HELLO, directory))
                .hasMessageEndingWith(
                        "http://host.invalid/hello.txt: no such host (is there a network?)");
    }
}
