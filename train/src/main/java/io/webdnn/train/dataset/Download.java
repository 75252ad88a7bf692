package io.webdnn.train.dataset;

import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Fetches files from the first mirror that has them as they should be. A file appears in the
/// target directory only once its checksum is right.
public final class Download {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<URI> mirrors;
    private final Progress progress;
    private final Duration patience;

    /// Hears how far a download is.
    @FunctionalInterface
    public interface Progress {
        /// Shows nothing.
        Progress NONE = (_, _, _) -> {};

        /// Says that so many bytes of a file are there.
        void received(String file, int bytes, int total);
    }

    /// @param mirrors addresses that end in `/`, in the order in which they are tried
    Download(List<URI> mirrors, Progress progress) {
        this(mirrors, progress, PATIENCE);
    }

    /// @param patience how long a mirror may say nothing before the next one is tried
    Download(List<URI> mirrors, Progress progress, Duration patience) {
        this.mirrors = List.copyOf(mirrors);
        this.progress = progress;
        this.patience = patience;
    }

    /// Fetches a file into a directory, unless it is there.
    ///
    /// @throws DownloadException if no mirror has it
    void fetch(RemoteFile file, Path directory) {
        var target = directory.resolve(file.name());
        if (isRight(file, target)) return;
        var failures = new ArrayList<String>();
        try (var client =
                HttpClient.newBuilder()
                        .connectTimeout(patience)
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build()) {
            for (var mirror : mirrors) {
                var address = mirror.resolve(file.name());
                try {
                    write(target, receive(client, address, file));
                    return;
                } catch (IOException e) {
                    failures.add(address + ": " + reason(e));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    failures.add(address + ": interrupted");
                    break;
                }
            }
        }
        throw new DownloadException(
                file.name()
                        + " could not be downloaded; it can be put into "
                        + directory
                        + " by hand\n"
                        + String.join("\n", failures));
    }

    private static void write(Path target, byte[] contents) {
        try {
            AtomicFile.write(target, contents);
        } catch (IOException e) {
            throw FileException.writing(target, e);
        }
    }

    private static boolean isRight(RemoteFile file, Path target) {
        if (!Files.isRegularFile(target)) return false;
        try {
            return Files.size(target) == file.bytes()
                    && sha256(Files.readAllBytes(target)).equals(file.sha256());
        } catch (IOException e) {
            throw FileException.reading(target, e);
        }
    }

    private byte[] receive(HttpClient client, URI address, RemoteFile file)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address).timeout(patience).build();
        var response = client.send(request, BodyHandlers.ofInputStream());
        try (var body = response.body();
                var watch = new StallWatch(body, patience)) {
            if (response.statusCode() != 200)
                throw new IOException("expected HTTP status 200, got " + response.statusCode());
            var received = new ByteArrayOutputStream(file.bytes());
            byte[] chunk = new byte[1 << 16];
            for (int n; (n = watch.read(chunk)) >= 0; ) {
                received.write(chunk, 0, n);
                if (received.size() > file.bytes())
                    throw new IOException("expected " + file.bytes() + " bytes, got more");
                progress.received(file.name(), received.size(), file.bytes());
            }
            if (received.size() < file.bytes()) {
                throw new IOException(
                        "expected " + file.bytes() + " bytes, got " + received.size());
            }
            byte[] contents = received.toByteArray();
            var actual = sha256(contents);
            if (!actual.equals(file.sha256()))
                throw new IOException("expected SHA-256 " + file.sha256() + ", got " + actual);
            return contents;
        }
    }

    private String reason(IOException e) {
        if (e instanceof HttpTimeoutException)
            return "no answer in " + StallWatch.seconds(patience);
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException
                    || cause instanceof UnknownHostException)
                return "no such host (is there a network?)";
        }
        if (e instanceof ConnectException) {
            return e.getMessage() == null ? "no connection" : e.getMessage();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String sha256(byte[] contents) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(contents));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
