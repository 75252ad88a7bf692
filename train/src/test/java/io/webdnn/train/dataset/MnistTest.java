package io.webdnn.train.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.file.FileException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
    @TempDir Path directory;

    private static byte[] idx(int magic, int[] extents, byte... bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        var data = new DataOutputStream(out);
        data.writeInt(magic);
        for (int extent : extents) data.writeInt(extent);
        data.write(bytes);
        return out.toByteArray();
    }

    private static byte[] gzip(byte[] contents) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(contents);
        }
        return out.toByteArray();
    }

    private void images(byte[] contents) throws IOException {
        Files.write(directory.resolve("t10k-images-idx3-ubyte.gz"), gzip(contents));
    }

    private void labels(byte[] contents) throws IOException {
        Files.write(directory.resolve("t10k-labels-idx1-ubyte"), contents);
    }

    private final byte[] pixels = new byte[2 * 784];

    @BeforeEach
    void twoImages() throws IOException {
        pixels[784 + 29] = (byte) 255;
        images(idx(0x803, new int[] {2, 28, 28}, pixels));
        labels(idx(0x801, new int[] {2}, (byte) 3, (byte) 7));
    }

    @Test
    void readsPlainAndGzippedFiles() {
        var test = Mnist.test(directory);
        assertThat(test.size()).isEqualTo(2);
        assertThat(test.label(1)).isEqualTo(7);
        assertThat(test.pixel(1, 1, 1)).isEqualTo(255);
        var batch = test.batch(new int[] {1, 0, 1});
        assertThat(batch.get(0).shape()).containsExactly(3, 1, 28, 28);
        assertThat(batch.get(0).floats()[29]).isEqualTo(1);
        assertThat(batch.get(0).floats()[784 + 29]).isZero();
        assertThat(batch.get(1).ints()).containsExactly(7, 3, 7);
    }

    private void expectFailure(String file, String complaint) {
        assertThatThrownBy(() -> Mnist.test(directory))
                .isInstanceOf(FileException.class)
                .hasMessage(directory.resolve(file) + ": " + complaint);
    }

    private void expectImageFailure(String complaint) {
        expectFailure("t10k-images-idx3-ubyte.gz", complaint);
    }

    private void expectLabelFailure(String complaint) {
        expectFailure("t10k-labels-idx1-ubyte", complaint);
    }

    @Test
    void aMissingDirectoryOrFileIsNamed() throws IOException {
        var nowhere = directory.resolve("nowhere");
        assertThatThrownBy(() -> Mnist.train(nowhere))
                .hasMessage(nowhere + ": no such directory; expected one with the MNIST files");
        var file = directory.resolve("t10k-labels-idx1-ubyte");
        assertThatThrownBy(() -> Mnist.train(file))
                .hasMessage(file + ": expected a directory with the MNIST files, got a file");
        assertThatThrownBy(() -> Mnist.train(directory))
                .hasMessage(
                        directory
                                + ": expected train-images-idx3-ubyte or"
                                + " train-images-idx3-ubyte.gz");
    }

    @Test
    void anotherKindOfFileIsNamed() throws IOException {
        images(idx(0x801, new int[] {2}, (byte) 1, (byte) 2));
        expectImageFailure("magic number: expected 0x00000803 (bytes, 3 axes), got 0x00000801");
    }

    @Test
    void aShortFileIsNamed() throws IOException {
        labels(idx(0x801, new int[] {5}, (byte) 3));
        expectLabelFailure("contents: expected 5 bytes, got 1 bytes");
        labels(new byte[] {0, 0, 8});
        expectLabelFailure("magic number: expected 4 bytes, got 3 bytes");
        labels(idx(0x801, new int[] {1}, (byte) 3, (byte) 4));
        expectLabelFailure("contents: expected 1 bytes, got more than that");
    }

    @Test
    void absurdExtentsAreNamed() throws IOException {
        images(idx(0x803, new int[] {Integer.MAX_VALUE, 28, 28}));
        expectImageFailure("extents: expected at most 1 GiB, got [2147483647, 28, 28]");
        images(idx(0x803, new int[] {-1, 28, 28}));
        expectImageFailure("extents: expected at most 1 GiB, got [-1, 28, 28]");
    }

    @Test
    void aBrokenGzipFileIsNamed() throws IOException {
        var file = directory.resolve("t10k-images-idx3-ubyte.gz");
        Files.write(file, new byte[] {1, 2, 3, 4});
        expectImageFailure("contents: expected a whole gzip file, got a broken one");
        byte[] whole = gzip(idx(0x803, new int[] {2, 28, 28}, pixels));
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 12));
        expectImageFailure("contents: expected a whole gzip file, got a broken one");
    }

    @Test
    void imagesOfAnotherSizeAreNamed() throws IOException {
        images(idx(0x803, new int[] {2, 14, 56}, pixels));
        expectImageFailure("images: expected 28 x 28 pixels, got 14 x 56");
    }

    @Test
    void otherLabelsAreNamed() throws IOException {
        labels(idx(0x801, new int[] {1}, (byte) 3));
        expectLabelFailure("labels: expected 2, as many as images, got 1");
        labels(idx(0x801, new int[] {2}, (byte) 3, (byte) 10));
        expectLabelFailure("label 1: expected 0 ... 9, got 10");
    }

    @Test
    void readsTheRealFiles() {
        var data = System.getenv("WEBDNN_TEST_DATA");
        Assumptions.assumeTrue(data != null, "skipped for want of WEBDNN_TEST_DATA");
        var test = Mnist.test(Path.of(data, "mnist"));
        assertThat(test.size()).isEqualTo(10_000);
        assertThat(test.label(0)).isEqualTo(7);
        assertThat(Mnist.train(Path.of(data, "mnist")).size()).isEqualTo(60_000);
    }
}
