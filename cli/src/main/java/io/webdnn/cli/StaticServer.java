package io.webdnn.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Serves the files below one directory over HTTP to this machine only.
///
/// GET and HEAD; a directory answers with its `index.html`. Nothing outside the directory is
/// served, neither through `..` nor through a symbolic link. Browsers are told to ask again each
/// time, so that a page is never shown with an older descriptor.
///
/// Unless it is told not to, it isolates pages across origins, which is what browsers ask for
/// before they give a page threads; such a page cannot show what other servers do not offer to it.
public final class StaticServer implements AutoCloseable {
    private static final Map<String, String> CONTENT_TYPES =
            Map.ofEntries(
                    Map.entry("html", "text/html; charset=utf-8"),
                    Map.entry("js", "text/javascript; charset=utf-8"),
                    Map.entry("mjs", "text/javascript; charset=utf-8"),
                    Map.entry("ts", "text/plain; charset=utf-8"),
                    Map.entry("css", "text/css; charset=utf-8"),
                    Map.entry("txt", "text/plain; charset=utf-8"),
                    Map.entry("md", "text/plain; charset=utf-8"),
                    Map.entry("json", "application/json"),
                    Map.entry("wasm", "application/wasm"),
                    Map.entry("svg", "image/svg+xml"),
                    Map.entry("png", "image/png"),
                    Map.entry("jpg", "image/jpeg"),
                    Map.entry("jpeg", "image/jpeg"),
                    Map.entry("gif", "image/gif"),
                    Map.entry("webp", "image/webp"),
                    Map.entry("ico", "image/x-icon"));

    private final Path root;
    private final HttpServer server;
    private final ExecutorService executor;
    private final boolean isIsolated;

    private StaticServer(
            Path root, HttpServer server, ExecutorService executor, boolean isIsolated) {
        this.isIsolated = isIsolated;
        this.root = root;
        this.server = server;
        this.executor = executor;
    }

    /// Starts to serve `directory` on the loopback address.
    ///
    /// @param port 0 … 65535; 0 picks a free one
    /// @param isIsolated whether to send the headers `Cross-Origin-Opener-Policy` and
    ///   `Cross-Origin-Embedder-Policy`
    /// @throws NoSuchFileException if there is no such directory
    /// @throws CommandException if the port is taken or is none
    public static StaticServer start(Path directory, int port, boolean isIsolated)
            throws IOException {
        if (port < 0 || port > 65535) {
            throw CommandException.wrongUse("port: expected 0 to 65535, got " + port);
        }
        if (!Files.exists(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        HttpServer server;
        try {
            server = HttpServer.create(address, 0);
        } catch (BindException e) {
            throw CommandException.failed(
                    "port " + port + ": " + e.getMessage() + "; '--port 0' picks a free one");
        }
        var executor = Executors.newVirtualThreadPerTaskExecutor();
        var result = new StaticServer(directory.toRealPath(), server, executor, isIsolated);
        server.setExecutor(executor);
        server.createContext("/", result::handle);
        server.start();
        return result;
    }

    /// {@return the address of the directory, as a browser takes it}
    public URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/");
    }

    boolean isLoopback() {
        return server.getAddress().getAddress().isLoopbackAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes(); // else the connection cannot be used again
            exchange.getResponseHeaders().set("Cache-Control", "no-cache");
            if (isIsolated) {
                exchange.getResponseHeaders().set("Cross-Origin-Opener-Policy", "same-origin");
                exchange.getResponseHeaders().set("Cross-Origin-Embedder-Policy", "require-corp");
            }
            var method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                answer(exchange, 405, "only GET and HEAD are served");
                return;
            }
            var file = find(exchange.getRequestURI());
            if (file == null) {
                answer(exchange, 404, "not found: " + exchange.getRequestURI().getPath());
            } else if (Files.isDirectory(file)) {
                // a page's relative addresses need the slash
                exchange.getResponseHeaders()
                        .set("Location", exchange.getRequestURI().getRawPath() + "/");
                answer(exchange, 301, "see the address with a slash at its end");
            } else {
                send(exchange, file);
            }
        }
    }

    /// {@return the file that is meant, a directory that was named without a slash, or null}
    private @Nullable Path find(URI uri) throws IOException {
        var path = uri.getPath();
        if (path == null || !path.startsWith("/")) {
            return null;
        }
        try {
            var file = root.resolve(path.substring(1)).normalize();
            if (!file.startsWith(root)) {
                return null;
            }
            var isDirectory = Files.isDirectory(file);
            if (path.endsWith("/")) {
                file = file.resolve("index.html");
            } else if (isDirectory) {
                return Files.exists(file.resolve("index.html")) ? file : null;
            }
            var real = file.toRealPath();
            return real.startsWith(root) && Files.isRegularFile(real) && Files.isReadable(real)
                    ? real
                    : null;
        } catch (InvalidPathException | FileSystemException e) {
            return null;
        }
    }

    private static void send(HttpExchange exchange, Path file) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType(file));
        var length = Files.size(file);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        try (var in = Files.newInputStream(file)) {
            exchange.sendResponseHeaders(200, length == 0 ? -1 : length);
            in.transferTo(exchange.getResponseBody());
        }
    }

    private static String contentType(Path file) {
        var name = String.valueOf(file.getFileName());
        var extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return CONTENT_TYPES.getOrDefault(extension, "application/octet-stream");
    }

    private static void answer(HttpExchange exchange, int code, String text) throws IOException {
        var body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(code, -1);
            return;
        }
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }
}
