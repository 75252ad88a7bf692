package io.webdnn.tensor.hdf5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Hdf5FileTest {
    @TempDir Path directory = Path.of("");
    private Path file = Path.of("");

    @BeforeEach
    void set() {
        file = directory.resolve("numbers.h5");
    }

    @Test
    void whatIsWrittenComesBack() {
        var root = new Hdf5Group();
        root.put("text", "ä");
        root.put("none", List.of());
        var names =
                IntStream.range(0, 9000).mapToObj(i -> "name" + i).toList(); // more than one may be
        var inner = root.putGroup("g").putGroup("inner");
        inner.put("names", names);
        inner.put("x", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        inner.put("y", Tensor.of(new double[] {0.5}, 1));
        root.put("count", Tensor.of(new long[] {7}));
        root.putGroup("left").put("z", Tensor.of(new float[] {1}, 1));
        Hdf5File.write(file, root);
        var read = Hdf5File.read(file, "left");
        assertThat(read.text("text")).isEqualTo("ä");
        assertThat(read.text("other")).isNull();
        assertThat(read.texts("none")).isEmpty();
        assertThat(read.children().keySet()).containsExactlyInAnyOrder("g", "count");
        var group = Objects.requireNonNull(read.group("g/inner"));
        assertThat(group.texts("names")).isEqualTo(names);
        assertThat(read.floats("f", "g/inner/x").shape()).containsExactly(2, 3);
        assertThat(read.floats("f", "g/inner/x").floats()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(group.floats("f", "y").floats()).containsExactly(0.5f);
        assertThat(read.array("count")).isNotNull();
        assertThatThrownBy(() -> read.floats("f", "count"))
                .hasMessage("f: array 'count': expected float32 or float64, got int64");
        assertThatThrownBy(() -> read.floats("f", "g/x"))
                .hasMessage("f: array 'g/x': expected float32 or float64, got none");
    }

    @Test
    void filesThatAreNone() throws IOException {
        assertThatThrownBy(() -> Hdf5File.read(file))
                .hasMessage(file + ": cannot be read: no such file");
        var root = new Hdf5Group();
        root.putGroup("g").put("x", Tensor.of(new float[1000], 1000));
        Hdf5File.write(file, root);
        var bytes = Files.readAllBytes(file);
        for (int length : new int[] {0, 7, 40, 200, bytes.length / 2}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Hdf5File.read(file))
                    .hasMessageStartingWith(file + ": no HDF5 file, or a broken one: ");
        }
    }

    /// Changes a number of eight bytes in the header that stands last before a place.
    private void patch(long before, long after) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 8 <= bytes.capacity(); at++)
            if (bytes.getLong(at) == before) bytes.putLong(at, after);
        var text = new String(bytes.array(), StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf("OHDR"); at >= 0; at = text.indexOf("OHDR", at + 1)) {
            int end = at + 10 + bytes.getInt(at + 6);
            bytes.putInt(end, Hdf5Writer.checksum(Arrays.copyOfRange(bytes.array(), at, end)));
        }
        Files.write(file, bytes.array());
    }

    @Test
    void anArrayThatClaimsMoreThanTheFileCanHold() throws IOException {
        var root = new Hdf5Group();
        root.put("x", Tensor.of(new float[12345], 12345));
        Hdf5File.write(file, root);
        patch(12345, 1L << 30);
        long size = Files.size(file);
        assertThatThrownBy(() -> Hdf5File.read(file))
                .hasMessage(
                        "%s: array '/x': expected at most 1100 times the file's %d bytes, got %d"
                                .formatted(file, size, 1L << 32));
    }

    @Test
    void aGroupThatHoldsItself() throws IOException {
        var root = new Hdf5Group();
        root.putGroup("g").putGroup("h").put("x", Tensor.of(new float[1], 1));
        Hdf5File.write(file, root);
        var bytes = Files.readAllBytes(file);
        int second = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("OHDR", 60);
        int third = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("OHDR", second + 1);
        patch(third, second);
        assertThatThrownBy(() -> Hdf5File.read(file))
                .hasMessage(file + ": groups: expected at most 64 in another, got more");
    }
}
