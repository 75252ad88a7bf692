package io.webdnn.tensor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir Path directory;

    @Test
    void writesAndMakesParentDirectories() throws IOException {
        var file = directory.resolve("a/b/c.bin");
        AtomicFile.write(file, new byte[] {1, 2, 3});
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
        assertThat(file.getParent()).isDirectoryContaining(p -> p.equals(file));
        assertThat(file.getParent()).isDirectoryNotContaining(p -> !p.equals(file));
    }

    @Test
    void replacesWhatWasThere() throws IOException {
        var file = directory.resolve("a.txt");
        Files.writeString(file, "a longer old text");
        AtomicFile.write(file, out -> out.write('n'));
        assertThat(file).hasContent("n");
    }

    @Test
    void failureKeepsTheOldContentAndLeavesNothingElse() throws IOException {
        var file = directory.resolve("a.txt");
        Files.writeString(file, "old");
        assertThatThrownBy(() ->
                        AtomicFile.write(
                                file,
                                out -> {
                                    out.write(new byte[100_000]);
                                    throw new IOException("No space left on device");
                                }))
                .hasMessage("No space left on device");
        assertThat(file).hasContent("old");
        assertThat(directory).isDirectoryNotContaining(p -> !p.equals(file));
    }

    @Test
    void aDirectoryInTheWayIsKept() throws IOException {
        var file = directory.resolve("a");
        Files.createDirectories(file.resolve("b"));
        assertThatThrownBy(() -> AtomicFile.write(file, new byte[1]))
                .isInstanceOf(IOException.class);
        assertThat(file.resolve("b")).isDirectory();
        assertThat(directory).isDirectoryNotContaining(p -> !p.equals(file));
    }
}
