package io.webdnn.tensor.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
    @TempDir Path directory;

    private Map<String, Tensor> parameters() {
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put("predictor/conv2/W", Tensor.of(new float[] {1, -2, 3}, 3, 1));
        tensors.put("predictor/conv1/W", Tensor.of(new double[] {.5}, 1));
        tensors.put("step", Tensor.of(new long[] {7}));
        return tensors;
    }

    @Test
    void arraysComeBackUnderTheirKeysInOrder() {
        var file = directory.resolve("deep/er/model.npz");
        Npz.write(file, parameters());
        var read = Npz.read(file);
        assertThat(read.keySet()).containsExactly("predictor/conv2/W", "predictor/conv1/W", "step");
        parameters().forEach((key, t) -> assertThat(read.get(key)).matches(t::contentEquals, key));
        assertThat(Npz.read(file, "step").longs()).containsExactly(7);
        assertThat(directory.resolve("deep/er").toFile().list()).containsExactly("model.npz");
    }

    @Test
    void equalContentsAreEqualBytesInEveryTimeZone() throws IOException {
        var zone = TimeZone.getDefault();
        try {
            for (var id : new String[] {"Pacific/Kiritimati", "Etc/GMT+12"}) {
                TimeZone.setDefault(TimeZone.getTimeZone(id));
                Npz.write(directory.resolve(id.replace('/', '-')), parameters());
            }
        } finally {
            TimeZone.setDefault(zone);
        }
        assertThat(Files.readAllBytes(directory.resolve("Pacific-Kiritimati")))
                .isEqualTo(Files.readAllBytes(directory.resolve("Etc-GMT+12")));
    }

    @Test
    void aKeyThatIsNotThereIsNamedWithThoseThatAre() {
        var file = directory.resolve("model.npz");
        Npz.write(file, parameters());
        assertThatThrownBy(() -> Npz.read(file, "step2"))
                .hasMessage(
                        file
                                + ": key: expected one of [predictor/conv2/W, predictor/conv1/W,"
                                + " step], got step2");
    }

    @Test
    void brokenFilesAreRefused() throws IOException {
        var file = directory.resolve("model.npz");
        Npz.write(file, Map.of("weight", Tensor.zeros(DType.FLOAT32, 5_000)));
        var bytes = Files.readAllBytes(file);

        Files.write(file, Arrays.copyOf(bytes, bytes.length - 10));
        refused(file, "contents: expected an .npz (zip) file, got ");
        Files.writeString(file, "no zip");
        refused(file, "contents: expected an .npz (zip) file, got ");
        Files.delete(file);
        refused(file, "cannot be read: no such file");

        bytes[50] ^= 0x55; // inside the deflated data
        Files.write(file, bytes);
        refused(file, "weight.npy: ");
    }

    @Test
    void aWrongChecksumIsFound() throws IOException {
        var file = directory.resolve("model.npz");
        var tensor = Tensor.of(new int[] {1, 2, 3}, 3);
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.setMethod(ZipOutputStream.STORED);
            var entry = new ZipEntry("x.npy");
            var contents = new java.io.ByteArrayOutputStream();
            Npy.write(contents, tensor);
            var crc = new java.util.zip.CRC32();
            crc.update(contents.toByteArray());
            entry.setCrc(crc.getValue());
            entry.setSize(contents.size());
            zip.putNextEntry(entry);
            zip.write(contents.toByteArray());
        }
        var bytes = Files.readAllBytes(file);
        bytes[30 + 5 + 128] ^= 1; // the first element, after the local header
        Files.write(file, bytes);
        refused(file, "x.npy: checksum: expected ");
    }

    @Test
    void otherEntriesAreRefused() throws IOException {
        var file = directory.resolve("model.npz");
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("readme.txt"));
        }
        refused(file, "entries: expected names that end in .npy, got readme.txt");
    }

    private static void refused(Path file, String complaint) {
        assertThatThrownBy(() -> Npz.read(file))
                .isInstanceOf(FileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(complaint);
    }

    @Test
    void filesThatNumPyWroteAreRead() {
        var data = System.getenv("WEBDNN_TEST_DATA");
        assumeTrue(data != null, "WEBDNN_TEST_DATA is not set");
        var file = Path.of(data, "exercise", "chainer_model.npz");
        var model = Npz.read(file);
        assertThat(model.get("predictor/conv1/W")).hasToString("float32[8, 1, 3, 3]");
        assertThat(model.keySet()).hasSize(8);
        assertThat(model.get("predictor/l4/b")).hasToString("float32[10]");
    }
}
