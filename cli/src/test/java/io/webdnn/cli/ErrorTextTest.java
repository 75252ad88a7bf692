package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.type.GraphException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErrorTextTest {
    @Test
    void aMissingFileIsNamed() {
        var expected = "/nonexistent.onnx: no such file or directory";
        var missing = new NoSuchFileException("/nonexistent.onnx");
        assertThat(ErrorText.of(missing)).isEqualTo(expected);
        assertThat(ErrorText.of(new UncheckedIOException(missing))).isEqualTo(expected);
    }

    @Test
    void aFileWhereADirectoryIsNeededIsNamed(@TempDir Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("file"), "");
        var run = CommandLineRun.of("runtime", "--out", file.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .containsExactly("webdnn runtime: " + file + ": expected a directory, got a file");
    }

    @Test
    void aFullDiskIsNamed() {
        assertThat(
                        ErrorText.of(
                                new FileSystemException(
                                        "a/w.bin", null, "No space left on device")))
                .isEqualTo("a/w.bin: No space left on device");
    }

    @Test
    void ourOwnExceptionsAreTheirMessage() {
        assertThat(ErrorText.of(GraphException.of("Conv", "group", "a divisor of M = 64", 5)))
                .isEqualTo("Conv: group: expected a divisor of M = 64, got 5");
    }

    @Test
    void wantOfMemorySaysWhatGivesMore() {
        var err = new StringWriter();
        int exitCode =
                Main.explained(
                        new PrintWriter(err),
                        () -> {
                            throw new OutOfMemoryError("Java heap space");
                        });
        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        "webdnn: out of memory (Java heap space);"
                                + " JAVA_TOOL_OPTIONS=-Xmx8g gives it 8 GB");
    }

    @Test
    void aDefectOfTheToolSaysSo() {
        assertThat(ErrorText.of(new IllegalStateException("no such value")))
                .isEqualTo(
                        "unexpected java.lang.IllegalStateException: no such value"
                                + " (--verbose shows where)");
    }
}
