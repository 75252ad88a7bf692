package io.webdnn.tensor.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Says that a file could not be read or written: names the file, what was expected and what was
/// found.
public final class FileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private FileException(String message) {
        super(message);
    }

    /// {@return `file: argument: expected …, got …`, for a broken file}
    public static FileException of(
            String file, String argument, String expected, @Nullable Object actual) {
        return new FileException(
                file + ": " + argument + ": expected " + expected + ", got " + actual);
    }

    /// {@return `file: sentence`, for what does not fit *expected, got*}
    public static FileException saying(String file, String sentence) {
        return new FileException(file + ": " + sentence);
    }

    /// {@return the complaint for a file that could not be read}
    public static FileException reading(Path file, IOException cause) {
        return because(file + ": cannot be read", cause);
    }

    /// {@return the complaint for a file that could not be written}
    public static FileException writing(Path file, IOException cause) {
        return because(file + ": cannot be written", cause);
    }

    private static FileException because(String what, IOException cause) {
        String reason =
                switch (cause) {
                    case NoSuchFileException _ -> "no such file";
                    case AccessDeniedException _ -> "permission denied";
                    case FileSystemException f when f.getReason() != null -> f.getReason();
                    default ->
                            Objects.requireNonNullElse(
                                    cause.getMessage(), cause.getClass().getSimpleName());
                };
        var exception = new FileException(what + ": " + reason);
        exception.initCause(cause);
        return exception;
    }
}
