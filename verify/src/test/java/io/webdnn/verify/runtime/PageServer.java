package io.webdnn.verify.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.webdnn.runtime.BrowserRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/// Serves files from memory under a strict Content Security Policy, and notes what was asked for.
///
/// It has the runtime, and an empty page at `/` which loads `webdnn.js`.
public final class PageServer implements AutoCloseable {
    private static final String POLICY =
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval';"
                    + " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:";
    private static final String EMPTY_PAGE =
            "<!doctype html><link rel=icon href='data:,'><script src='webdnn.js'></script>";

    private final HttpServer server;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Predicate<String> isolated = _ -> false;

    public PageServer() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        put("/", EMPTY_PAGE);
        BrowserRuntime.files().forEach(file -> put("/" + file, BrowserRuntime.read(file)));
        server.createContext("/", this::answer);
        server.start();
    }

    public void put(String path, byte[] content) {
        files.put(path, content.clone());
    }

    public void put(String path, String content) {
        put(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /// Puts a descriptor's files into a folder.
    public void putAll(String folder, Map<String, byte[]> descriptor) {
        descriptor.forEach((file, content) -> put("/" + folder + "/" + file, content));
    }

    /// Puts the files of a folder on this disk at the root.
    public void putFolder(Path folder, String... names) throws IOException {
        for (var name : names) {
            put("/" + name, Files.readAllBytes(folder.resolve(name)));
        }
    }

    /// Sends the files at some paths with the headers that isolate a page across origins.
    public void isolate(Predicate<String> paths) {
        isolated = paths;
    }

    public void remove(String path) {
        files.remove(path);
    }

    public byte[] content(String path) {
        var content = files.get(path);
        if (content == null) {
            throw new AssertionError("no file " + path);
        }
        return content.clone();
    }

    /// {@return the paths that were asked for, in their order}
    public List<String> requests() {
        return List.copyOf(requests);
    }

    public String address() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            requests.add(path);
            exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
            if (isolated.test(path)) {
                exchange.getResponseHeaders().set("Cross-Origin-Opener-Policy", "same-origin");
                exchange.getResponseHeaders().set("Cross-Origin-Embedder-Policy", "require-corp");
            }
            var content = files.get(path.equals("/index.html") ? "/" : path);
            if (content == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", contentType(path));
            exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
            exchange.getResponseBody().write(content);
        }
    }

    private static String contentType(String path) {
        return switch (path.substring(path.lastIndexOf('.') + 1)) {
            case "js", "mjs" -> "text/javascript";
            case "json" -> "application/json";
            case "wasm" -> "application/wasm";
            case "css" -> "text/css";
            case "bin" -> "application/octet-stream";
            default -> "text/html; charset=utf-8";
        };
    }
}
