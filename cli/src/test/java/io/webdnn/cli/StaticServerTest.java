package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticServerTest {
    @TempDir Path directory;
    private StaticServer server;
    private Path site;

    @BeforeEach
    void start() throws IOException {
        site = Files.createDirectories(directory.resolve("site"));
        Files.writeString(directory.resolve("secret.txt"), "secret");
        Files.writeString(site.resolve("index.html"), "<p>page</p>");
        Files.createDirectories(site.resolve("sub dir"));
        Files.writeString(site.resolve("sub dir/index.html"), "<p>below</p>");
        Files.createDirectories(site.resolve("empty"));
        Files.write(site.resolve("empty.bin"), new byte[0]);
        server = StaticServer.start(site, 0, true);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aDirectoryAnswersWithItsIndex() throws IOException {
        assertThat(get("").body()).isEqualTo("<p>page</p>");
        assertThat(get("sub%20dir/").body()).isEqualTo("<p>below</p>");
        assertThat(get("empty/").status()).isEqualTo(404);
        assertThat(get("empty").status()).isEqualTo(404);
    }

    @Test
    void aDirectoryWithoutItsSlashIsRedirected() throws IOException {
        var answer = get("sub%20dir");
        assertThat(answer.status()).isEqualTo(301);
        assertThat(answer.header("Location")).isEqualTo("/sub%20dir/");
    }

    @ParameterizedTest
    @CsvSource({
        "a.html,text/html; charset=utf-8",
        "a.js,text/javascript; charset=utf-8",
        "a.mjs,text/javascript; charset=utf-8",
        "a.css,text/css; charset=utf-8",
        "a.json,application/json",
        "a.wasm,application/wasm",
        "a.PNG,image/png",
        "a.bin,application/octet-stream",
        "a,application/octet-stream"
    })
    void theContentTypeGoesByTheExtension(String name, String type) throws IOException {
        Files.writeString(site.resolve(name), "content");
        var answer = get(name);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("content");
        assertThat(answer.header("Content-Type")).isEqualTo(type);
        assertThat(answer.header("Content-Length")).isEqualTo("7");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
    }

    @Test
    void pagesAreIsolatedAcrossOriginsUnlessToldNotToBe() throws IOException {
        assertThat(get("").header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(get("empty.bin").header("Cross-Origin-Embedder-Policy"))
                .isEqualTo("require-corp");
        server.close();
        server = StaticServer.start(site, 0, false);
        assertThat(get("").header("Cross-Origin-Opener-Policy")).isEqualTo("null");
        assertThat(get("").header("Cross-Origin-Embedder-Policy")).isEqualTo("null");
    }

    @Test
    void anEmptyFileIsServed() throws IOException {
        assertThat(get("empty.bin").status()).isEqualTo(200);
        assertThat(get("empty.bin").body()).isEmpty();
    }

    @Test
    void whatIsNotThereIsNamed() throws IOException {
        var answer = get("missing.js");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("not found: /missing.js\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/sub%20dir/../../secret.txt",
                "//../secret.txt",
                "/..%2fsecret.txt",
                "/%00",
                "/link.txt"
            })
    void nothingOutsideIsServed(String path) throws IOException {
        Files.createSymbolicLink(site.resolve("link.txt"), directory.resolve("secret.txt"));
        assertThat(raw("GET " + path + " HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.1 404")
                .doesNotContain("secret\n");
    }

    @Test
    void headHasTheLengthAndNoBody() throws IOException {
        assertThat(raw("HEAD / HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Content-Length: 11\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void otherMethodsAreRefused() throws IOException {
        var answer = send("DELETE", "index.html");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void onlyTheLoopbackAddressListens() {
        assertThat(server.address().getHost()).isEqualTo("localhost");
        assertThat(server.isLoopback()).isTrue();
    }

    @Test
    void aPortInUseIsNamed() {
        int port = server.address().getPort();
        assertThatThrownBy(() -> StaticServer.start(site, port, true))
                .hasMessage(
                        "port " + port + ": Address already in use; '--port 0' picks a free one");

        var run = CommandLineRun.of("serve", site.toString(), "--port", Integer.toString(port));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("webdnn serve: port " + port + ": ").hasLineCount(1);
    }

    @Test
    void aPortThatIsNoneIsWrongUse() {
        var run = CommandLineRun.of("serve", site.toString(), "--port", "65536");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines())
                .containsExactly("webdnn serve: port: expected 0 to 65535, got 65536");
    }

    @Test
    void aFileIsNoDirectory() {
        var run = CommandLineRun.of("serve", site.resolve("index.html").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).endsWith("index.html: expected a directory, got a file\n");
    }

    private record Answer(int status, String body, HttpURLConnection connection) {
        String header(String name) {
            return String.valueOf(connection.getHeaderField(name));
        }
    }

    private Answer get(String path) throws IOException {
        return send("GET", path);
    }

    private Answer send(String method, String path) throws IOException {
        var connection =
                (HttpURLConnection) server.address().resolve(path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        int status = connection.getResponseCode();
        try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            var body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(status, body, connection);
        }
    }

    /// Sends what an HTTP client would tidy up first.
    private String raw(String request) throws IOException {
        var port = server.address().getPort();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
