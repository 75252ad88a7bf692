package io.webdnn.tensor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipContentsTest {
    @TempDir Path directory = Path.of("");
    private Path file = Path.of("");

    @BeforeEach
    void set() {
        file = directory.resolve("a.zip");
    }

    private void write(String name, byte[] bytes) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(bytes);
        }
    }

    private void refused(String entry, String message) {
        assertThatThrownBy(
                        () -> {
                            try (var zip = ZipContents.open(file)) {
                                zip.read(entry);
                            }
                        })
                .hasMessage(file + message);
    }

    @Test
    void entriesAreRead() throws IOException {
        write("a/b", new byte[] {1, 2, 3});
        try (var zip = ZipContents.open(file)) {
            assertThat(zip.read("a/b")).containsExactly(1, 2, 3);
        }
        refused("c", ": entry 'c': expected one of it, got [a/b]");
    }

    @Test
    void namesThatLeadElsewhereAreRefused() throws IOException {
        for (var name : new String[] {"../x", "a/../../x", "/etc/x", "C:x", "a\\x"}) {
            write(name, new byte[1]);
            refused(name, ": entries: expected names within the archive, got " + name);
        }
    }

    /// Changes the size that the directory at the archive's end says.
    private void claim(int size) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 28 <= bytes.capacity(); at++)
            if (bytes.getInt(at) == 0x02014b50) bytes.putInt(at + 24, size);
        Files.write(file, bytes.array());
    }

    @Test
    void sizesThatAreNotTrueAreRefused() throws IOException {
        write("x", new byte[5000]);
        claim(100);
        refused("x", ": x: size: expected 100 bytes, as the archive says, got more");
        write("x", new byte[5000]);
        claim(6000);
        refused("x", ": x: size: expected 6000 bytes, as the archive says, got 5000");
        write("x", new byte[50]);
        claim(1 << 30);
        assertThatThrownBy(
                        () -> {
                            try (var zip = ZipContents.open(file)) {
                                zip.read("x");
                            }
                        })
                .hasMessageMatching(
                        ".*a.zip: x: size: expected at most 1100 times the stored \\d+, got "
                                + (1 << 30));
    }

    @Test
    void archivesThatAreNone() throws IOException {
        refused("x", ": cannot be read: no such file");
        write("x", new byte[100]);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 30));
        assertThatThrownBy(() -> ZipContents.open(file))
                .hasMessageStartingWith(file + ": contents: expected a zip archive, got ");
    }
}
