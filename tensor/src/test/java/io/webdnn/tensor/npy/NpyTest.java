package io.webdnn.tensor.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NpyTest {
    @TempDir Path directory;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"^(BFLOAT16|FLOAT8.*|FLOAT4.*|U?INT[24]|STRING)$"},
            mode = EnumSource.Mode.MATCH_NONE)
    void everyDtypeOfNumPyComesBack(DType dtype) {
        for (int[] shape : new int[][] {{}, {0}, {1}, {7}, {3, 0, 2}, {2, 3, 5}, {20_001, 2}}) {
            var tensor = Tensor.zeros(dtype, shape);
            fill(tensor.storage(), dtype == DType.BOOL ? 2 : 256);
            var file = directory.resolve(dtype + ".npy");
            Npy.write(file, tensor);
            assertThat(Npy.read(file).contentEquals(tensor)).as("%s", tensor).isTrue();
        }
    }

    private static void fill(Object storage, int below) {
        var random = new Random(5);
        switch (storage) {
            case float[] a -> {
                for (int i = 0; i < a.length; i++) a[i] = random.nextFloat();
            }
            case double[] a -> Arrays.setAll(a, _ -> random.nextDouble());
            case int[] a -> Arrays.setAll(a, _ -> random.nextInt());
            case long[] a -> Arrays.setAll(a, _ -> random.nextLong());
            case short[] a -> {
                for (int i = 0; i < a.length; i++) a[i] = (short) random.nextInt();
            }
            case byte[] a -> {
                for (int i = 0; i < a.length; i++) a[i] = (byte) random.nextInt(below);
            }
            default -> throw new AssertionError(storage.getClass());
        }
    }

    @Test
    void stringsComeBack() {
        var tensor = Tensor.of(DType.STRING, new String[] {"", "a", "häß", "\ud83d\ude00!"}, 2, 2);
        var file = directory.resolve("strings.npy");
        Npy.write(file, tensor);
        assertThat(Npy.read(file).strings()).containsExactly(tensor.strings());
    }

    @Test
    void dtypesThatNumPyLacksAreRefused() {
        for (var dtype : EnumSet.of(DType.BFLOAT16, DType.FLOAT8E5M2, DType.INT4)) {
            var file = directory.resolve("refused.npy");
            assertThatThrownBy(() -> Npy.write(file, Tensor.zeros(dtype, 1)))
                    .hasMessage("Npy: dtype: expected one that NumPy has, got " + dtype);
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() {
        var file = directory.resolve("file");
        Npy.write(file, Tensor.zeros(DType.INT8, 1));
        assertThatThrownBy(() -> Npy.write(file.resolve("below.npy"), Tensor.zeros(DType.INT8, 1)))
                .isInstanceOf(FileException.class)
                .hasMessageStartingWith(file.resolve("below.npy") + ": cannot be written: ");
    }

    @Test
    void theHeaderIsTheOneThatNumPyWrites() throws IOException {
        var file = directory.resolve("header.npy");
        Npy.write(file, Tensor.of(new float[] {1, 2}, 2));
        var bytes = Files.readAllBytes(file);
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
        assertThat(bytes).hasSize(128 + 8);
        assertThat(new String(bytes, 1, 5, StandardCharsets.ISO_8859_1)).isEqualTo("NUMPY");
        assertThat(Arrays.copyOfRange(bytes, 6, 10)).containsExactly(1, 0, 118, 0);
        assertThat(new String(bytes, 10, 118, StandardCharsets.ISO_8859_1))
                .isEqualTo(text + " ".repeat(117 - text.length()) + "\n");
    }

    private Path file(int version, String header, byte... data) throws IOException {
        var text = header.getBytes(StandardCharsets.ISO_8859_1);
        var out =
                ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.ISO_8859_1));
        out.put((byte) version).put((byte) 0);
        if (version == 1) out.putShort((short) text.length);
        else out.putInt(text.length);
        out.put(text).put(data);
        var file = directory.resolve("made.npy");
        Files.write(file, Arrays.copyOf(out.array(), out.position()));
        return file;
    }

    @Test
    void columnMajorArraysAreTransposed() throws IOException {
        var file =
                file(
                        1,
                        "{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3)}\n",
                        (byte) 1,
                        (byte) 4,
                        (byte) 2,
                        (byte) 5,
                        (byte) 3,
                        (byte) 6);
        var tensor = Npy.read(file);
        assertThat(tensor.shape()).containsExactly(2, 3);
        assertThat(tensor.bytes()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void bigEndianArraysAndVersionTwoAreRead() throws IOException {
        var file =
                file(
                        2,
                        "{'shape': (2,), 'fortran_order': False, 'descr': '>i2'}",
                        (byte) 1,
                        (byte) 2,
                        (byte) -1,
                        (byte) -2);
        assertThat(Npy.read(file).shorts()).containsExactly((short) 0x102, (short) -2);
    }

    @Test
    void brokenFilesAreNamedWithWhatWasExpected() throws IOException {
        var plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n";
        refused(file(1, plain, new byte[11]), "truncated: float32[3] takes 12 bytes, 11 are there");
        refused(file(1, plain, new byte[13]), "bytes after the header: expected 12 for float32[3]");
        refused(file(9, plain), "npy version: expected 1.0, 2.0 or 3.0, got 9.0");
        refused(
                file(1, "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"),
                "dtype: expected a number, bool or unicode string, got '|O'");
        refused(
                file(1, "{'descr': '<f4', 'shape': (3,), }"),
                "header: expected {'descr': '<f4', 'fortran_order': False, 'shape': (...)}, got {'descr': '<f4', 'shape': (3,), }");
        refused(
                file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }"),
                "shape: expected extents below 2^31, got (99999999999,)");
        refused(
                file(
                        1,
                        "{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000, 2000000000), }"),
                "truncated: float32[2000000000, 2000000000] takes 16000000000000000000 bytes, 0 are there");
        var file = directory.resolve("text.npy");
        Files.writeString(file, "no array at all");
        refused(file, "start of the file: expected \\x93NUMPY, got no arr");
        Files.write(file, new byte[3]);
        refused(file, "the file is truncated: the header ends after 3 of 8");
        Files.delete(file);
        refused(file, "cannot be read: no such file");
    }

    private static void refused(Path file, String complaint) {
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(FileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(complaint);
    }
}
