package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `webdnn exercise` says to bad input, and that it leaves nothing behind then.
class ExerciseCommandTest {
    @TempDir Path directory;
    private Path out;

    @BeforeEach
    void set() {
        out = directory.resolve("out");
    }

    private CommandLineRun exercise(String... arguments) {
        var all = new ArrayList<>(List.of("exercise", "--out", out.toString()));
        all.addAll(List.of(arguments));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private void fails(int exitCode, String message, String... arguments) {
        var run = exercise(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err()).startsWith("webdnn exercise: " + message);
        assertThat(run.err().lines().count()).isLessThanOrEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void noEpochIsWrongUse() {
        fails(2, "--epochs: expected 1 or more, got 0", "--epochs", "0");
        fails(2, "Invalid value for option '--epochs': 'two'", "--epochs", "two");
    }

    @Test
    void anUnknownFrameworkIsWrongUse() {
        fails(2, "Invalid value for option '--framework'", "--framework", "caffe");
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        var nowhere = directory.resolve("nowhere");
        fails(
                1,
                nowhere + ": no such directory; expected one with the MNIST files",
                "--data",
                nowhere.toString());
        fails(
                1,
                nowhere + ": no such directory; expected one with the MNIST files",
                "--data",
                "generated",
                "--test-data",
                nowhere.toString());
    }

    @Test
    void aFileInPlaceOfADirectoryIsNamed() throws IOException {
        var file = Files.writeString(directory.resolve("file"), "");
        fails(
                1,
                file + ": expected a directory with the MNIST files, got a file",
                "--data",
                file.toString());
    }

    @Test
    void aBrokenMnistFileIsNamed() throws IOException {
        var data = Files.createDirectory(directory.resolve("data"));
        fails(
                1,
                data + ": expected train-images-idx3-ubyte or train-images-idx3-ubyte.gz",
                "--data",
                data.toString());
        var images = Files.writeString(data.resolve("train-images-idx3-ubyte"), "no images");
        Files.writeString(data.resolve("train-labels-idx1-ubyte"), "no labels");
        fails(1, images.toString(), "--data", data.toString());
    }

    @Test
    void aFileWhereTheOutputShouldGoIsNamedAndKept() throws IOException {
        Files.writeString(out, "mine");
        var run = exercise("--data", "generated");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("webdnn exercise: " + out).hasLineCount(1);
        assertThat(out).hasContent("mine");
    }

    @Test
    void aPortInUseIsSaidBeforeTheTraining() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var port = String.valueOf(taken.getLocalPort());
            var run = exercise("--data", "generated", "--port", port);
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains(port).hasLineCount(1);
            assertThat(run.out()).doesNotContain("Training");
            assertThat(out).isEmptyDirectory();
        }
    }
}
