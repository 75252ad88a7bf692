package io.webdnn.verify.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Serves what a test wants a page to see, to this machine only: contents at paths, which may be
/// added and removed while it runs, and functions that answer requests.
///
/// Pages are isolated across origins, so that they have threads and exact clocks.
public final class TestServer implements AutoCloseable {
    /// Answers a request.
    @FunctionalInterface
    public interface Handler {
        /// {@return the answer's content, or null for "nothing yet"}
        ///
        /// @param query what stands behind the `?`, or ""
        byte @Nullable [] answer(String query, byte[] body) throws Exception;
    }

    private static final int PIECE = 1 << 18;

    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "mjs", "text/javascript; charset=utf-8",
                    "json", "application/json",
                    "wasm", "application/wasm");

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final Set<String> kept = ConcurrentHashMap.newKeySet();

    private TestServer(HttpServer server) {
        this.server = server;
    }

    /// Starts a server on a free port.
    public static TestServer start() {
        try {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            var result = new TestServer(HttpServer.create(address, 0));
            result.server.setExecutor(result.executor);
            result.server.createContext("/", result::handle);
            result.server.start();
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return the address of a path}
    public String address(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    /// Serves a content at a path that begins with `/`; its type follows from its ending.
    public void put(String path, byte[] content) {
        contents.put(path, content);
    }

    /// {@return what stands at a path}
    ///
    /// @throws IllegalArgumentException where nothing does
    public byte[] content(String path) {
        var content = contents.get(path);
        if (content == null)
            throw new IllegalArgumentException("test server: nothing stands at " + path);
        return content;
    }

    /// Lets browsers keep what they are sent from below a path, as public servers do.
    public void keep(String prefix) {
        kept.add(prefix);
    }

    /// Takes away everything whose path begins so.
    public void remove(String prefix) {
        contents.keySet().removeIf(path -> path.startsWith(prefix));
    }

    /// Answers the requests for a path.
    public void handle(String path, Handler handler) {
        handlers.put(path, handler);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            var path = exchange.getRequestURI().getPath();
            var query = exchange.getRequestURI().getQuery();
            var headers = exchange.getResponseHeaders();
            headers.set(
                    "Cache-Control",
                    kept.stream().anyMatch(path::startsWith) ? "max-age=3600" : "no-store");
            headers.set("Cross-Origin-Opener-Policy", "same-origin");
            headers.set("Cross-Origin-Embedder-Policy", "require-corp");
            headers.set(
                    "Content-Type",
                    TYPES.getOrDefault(
                            path.substring(path.lastIndexOf('.') + 1), "application/octet-stream"));
            var handler = handlers.get(path);
            if (handler == null) {
                send(exchange, contents.containsKey(path) ? 200 : 404, contents.get(path));
                return;
            }
            try {
                var answer = handler.answer(query == null ? "" : query, body);
                send(exchange, answer == null ? 204 : 200, answer);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                send(exchange, 503, null);
            } catch (Exception e) {
                send(exchange, 500, e.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
    }

    private static void send(HttpExchange exchange, int status, byte @Nullable [] content)
            throws IOException {
        if (content == null || content.length == 0) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, content.length);
        // what is written at once is copied before its first byte leaves
        for (int at = 0; at < content.length; at += PIECE) {
            int length = Math.min(PIECE, content.length - at);
            exchange.getResponseBody().write(content, at, length);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
