package io.webdnn.tensor.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Writes a file under a temporary name beside it and moves it into place when it is complete.
///
/// Whoever reads the file sees the old content or the new one, and a failure (a full disk, an
/// exception while the content is made) leaves what was there before. Missing parent directories
/// are made.
public final class AtomicFile {
    private AtomicFile() {}

    /// Makes the content of a file.
    @FunctionalInterface
    public interface Content {
        /// Writes everything; the stream is buffered and is closed by the caller.
        void writeTo(OutputStream out) throws IOException;
    }

    /// Writes these bytes.
    public static void write(Path file, byte[] content) throws IOException {
        write(file, out -> out.write(content));
    }

    /// Writes what `content` makes.
    public static void write(Path file, Content content) throws IOException {
        var absolute = file.toAbsolutePath();
        var name = absolute.getFileName();
        var directory = absolute.getParent();
        if (name == null || directory == null) {
            throw new IOException(file + ": expected the name of a file, got a root directory");
        }
        Files.createDirectories(directory);
        var temporary = unused(directory, name.toString());
        try {
            // not createTempFile, whose files only their owner may read
            try (var out =
                    new BufferedOutputStream(
                            Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW))) {
                content.writeTo(out);
            }
            move(temporary, absolute);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Path unused(Path directory, String name) {
        var process = ProcessHandle.current().pid();
        var thread = Thread.currentThread().threadId();
        return directory.resolve("." + name + "." + process + "-" + thread + ".tmp");
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(
                    from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
