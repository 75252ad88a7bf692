package io.webdnn.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a user reads when a command fails: the message, in words, without the class of the
/// exception.
final class ErrorText {
    private ErrorText() {}

    static String of(Throwable failure) {
        return explained(failure).orElse("unexpected " + failure + " (--verbose shows where)");
    }

    /// {@return the words for a failure that the user can do something about; empty for a mistake
    /// in a program}
    static Optional<String> explained(Throwable failure) {
        return Optional.ofNullable(words(failure));
    }

    private static @Nullable String words(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException e when e.getCause() != null -> words(e.getCause());
            case NoSuchFileException e -> e.getFile() + ": no such file or directory";
            case AccessDeniedException e -> e.getFile() + ": permission denied";
            case NotDirectoryException e -> e.getFile() + ": expected a directory, got a file";
            case DirectoryNotEmptyException e -> e.getFile() + ": expected a file, got a directory";
            case FileAlreadyExistsException e -> e.getFile() + ": expected a directory, got a file";
            case FileSystemException e when e.getReason() != null ->
                    e.getFile() + ": " + e.getReason();
            case IOException e when e.getMessage() != null -> e.getMessage();
            case OutOfMemoryError e ->
                    "out of memory ("
                            + e.getMessage()
                            + "); JAVA_TOOL_OPTIONS=-Xmx8g gives it 8 GB";
            case Throwable e when isOurs(e) && e.getMessage() != null -> e.getMessage();
            default -> null;
        };
    }

    private static boolean isOurs(Throwable failure) {
        return failure.getClass().getName().startsWith("io.webdnn.");
    }
}
