package io.webdnn.compiler.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightFileTest {
    private static ByteBuffer written(WeightFile file) throws IOException {
        var out = new ByteArrayOutputStream();
        file.writeTo(out);
        assertThat(file.bytes()).isEqualTo(out.size());
        return ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void aTexelHoldsFourChannelsOfAPixelAndZerosBehindTheLast() throws IOException {
        // [N, C, H, W] = [1, 5, 1, 2]: the element of channel c and column w is 10c + w + 1
        var tensor = Tensor.of(new float[] {1, 2, 11, 12, 21, 22, 31, 32, 41, 42}, 1, 5, 1, 2);
        var file = new WeightFile(Encoding.RAW);
        var place = file.add(tensor, Layout.texels(tensor.toShape()), ScalarType.FLOAT32, false);
        var floats = new float[16];
        written(file).asFloatBuffer().get(floats);
        assertThat(place).isEqualTo(new WeightFile.Place(0, 64, "raw"));
        assertThat(floats).containsExactly(1, 11, 21, 31, 2, 12, 22, 32, 41, 0, 0, 0, 42, 0, 0, 0);
    }

    @Test
    void weightsStartAtMultiplesOf64BytesAndStandOnce() throws IOException {
        var file = new WeightFile(Encoding.FLOAT16);
        var floats = Tensor.of(new float[] {1.5f, -2}, 2);
        var integers = Tensor.of(new long[] {7, -8}, 2);
        var layout = Layout.rowMajor(floats.toShape());
        var first = file.add(floats, layout, ScalarType.FLOAT32, false);
        var second = file.add(integers, layout, ScalarType.INT32, false);
        assertThat(file.add(floats, layout, ScalarType.FLOAT32, false)).isEqualTo(first);
        assertThat(first).isEqualTo(new WeightFile.Place(0, 4, "float16"));
        assertThat(second).isEqualTo(new WeightFile.Place(64, 8, "raw"));
        var bytes = written(file);
        assertThat(Float.float16ToFloat(bytes.getShort(2))).isEqualTo(-2);
        assertThat(bytes.getInt(64)).isEqualTo(7);
        assertThat(bytes.getInt(68)).isEqualTo(-8);
    }

    @Test
    void halvesAreStoredAsTheyAreUnlessAByteIsEnough() throws IOException {
        var values = Tensor.zeros(DType.FLOAT16, 100);
        for (int i = 0; i < 100; i++) values.setDouble(i, i % 3);
        var layout = Layout.rowMajor(values.toShape());
        var file = new WeightFile(Encoding.RAW);
        assertThat(file.add(values, layout, ScalarType.FLOAT32, true))
                .isEqualTo(new WeightFile.Place(0, 200, "raw"));
        // of float32 the nearest, padded to texels
        var wide = Tensor.of(new float[] {1, 65519, 65520, 1e-8f, 1 + 1 / 2048f}, 5);
        assertThat(file.add(wide, Layout.texels(wide.toShape()), ScalarType.FLOAT32, true))
                .isEqualTo(new WeightFile.Place(256, 16, "raw"));
        var bytes = written(file);
        assertThat(bytes.getShort(2 * 50)).isEqualTo(Float.floatToFloat16(2));
        float[] expected = {1, 65504, Float.POSITIVE_INFINITY, 0, 1, 0, 0, 0};
        for (int i = 0; i < 8; i++)
            assertThat(Float.float16ToFloat(bytes.getShort(256 + 2 * i))).isEqualTo(expected[i]);
        var table = new WeightFile(Encoding.EIGHTBIT).add(values, layout, ScalarType.FLOAT32, true);
        assertThat(table).isEqualTo(new WeightFile.Place(0, 3 * 4 + 100, "eightbit"));
    }

    @Test
    void aByteForAWeightOnlyWhereThatIsSmaller() throws IOException {
        var few = Tensor.zeros(DType.FLOAT32, 100);
        var many = Tensor.zeros(DType.FLOAT32, 300);
        for (int i = 0; i < 100; i++) few.floats()[i] = i % 3;
        for (int i = 0; i < 300; i++) many.floats()[i] = i;
        var file = new WeightFile(Encoding.EIGHTBIT);
        var small = file.add(few, Layout.rowMajor(few.toShape()), ScalarType.FLOAT32, false);
        var raw = file.add(many, Layout.rowMajor(many.toShape()), ScalarType.FLOAT32, false);
        assertThat(small).isEqualTo(new WeightFile.Place(0, 3 * 4 + 100, "eightbit"));
        assertThat(raw).isEqualTo(new WeightFile.Place(128, 1200, "raw"));
        var least = Tensor.of(new float[] {1, 2, 3, 4}, 4);
        var four = file.add(least, Layout.rowMajor(least.toShape()), ScalarType.FLOAT32, false);
        assertThat(four.encoding()).isEqualTo("raw"); // with its table it would be larger
        var bytes = written(file);
        for (int i = 0; i < 100; i++)
            assertThat(bytes.getFloat(4 * bytes.get(12 + i))).isEqualTo(few.floats()[i]);
    }

    @Test
    void integersHaveTheBitsOfTheirDtype() throws IOException {
        var file = new WeightFile(Encoding.RAW);
        var bytes = Tensor.zeros(DType.INT8, 1000);
        var nibbles = Tensor.zeros(DType.INT4, 1001);
        var shorts = Tensor.zeros(DType.UINT16, 1000);
        for (int i = 0; i < 1000; i++) {
            bytes.setLong(i, i % 256 - 128);
            nibbles.setLong(i, i % 16 - 8);
            shorts.setLong(i, 65535 - i);
        }
        nibbles.setLong(1000, -1);
        assertThat(add(file, bytes)).isEqualTo(new WeightFile.Place(0, 1000, "int8"));
        assertThat(add(file, nibbles)).isEqualTo(new WeightFile.Place(1024, 501, "int4"));
        assertThat(add(file, shorts)).isEqualTo(new WeightFile.Place(1536, 2000, "uint16"));
        assertThat(add(file, Tensor.zeros(DType.BOOL, 1000)).encoding()).isEqualTo("uint8");
        assertThat(add(file, Tensor.zeros(DType.INT8, 10)).encoding()).isEqualTo("raw");
        var written = written(file);
        for (int i = 0; i < 1000; i++) {
            assertThat(written.get(i)).isEqualTo((byte) (i % 256 - 128));
            assertThat(written.get(1024 + i / 2) >> i % 2 * 4 & 15).isEqualTo(i % 16 - 8 & 15);
            assertThat(written.getShort(1536 + 2 * i) & 0xffff).isEqualTo(65535 - i);
        }
        assertThat(written.get(1024 + 500)).isEqualTo((byte) 15); // nothing behind the last one
    }

    @Test
    void whatIsOfFloat16StaysSo() throws IOException {
        var file = new WeightFile(Encoding.RAW);
        var tensor = Tensor.zeros(DType.FLOAT16, 1000);
        for (int i = 0; i < 1000; i++) tensor.setDouble(i, i / 8.0);
        var place = file.add(tensor, Layout.rowMajor(tensor.toShape()), ScalarType.FLOAT32, false);
        assertThat(place).isEqualTo(new WeightFile.Place(0, 2000, "float16"));
        assertThat(Float.float16ToFloat(written(file).getShort(2 * 999))).isEqualTo(999 / 8f);
    }

    private static WeightFile.Place add(WeightFile file, Tensor tensor) {
        return file.add(tensor, Layout.rowMajor(tensor.toShape()), ScalarType.INT32, false);
    }

    @Test
    void integersOfMoreThan32BitsAreRefused() {
        var tensor = Tensor.of(new long[] {1L << 40}, 1);
        var layout = Layout.rowMajor(tensor.toShape());
        assertThatThrownBy(() ->
                        new WeightFile(Encoding.RAW).add(tensor, layout, ScalarType.INT32, false))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("expected integers of 32 bits, got 1099511627776");
    }

    /// What is larger than an array can be is written all the same; many tensors over one array
    /// spare the memory.
    @Test
    void aFileMayHaveMoreThanTwoGigabytes() throws IOException {
        var storage = new float[1 << 24];
        storage[storage.length - 1] = 3;
        var file = new WeightFile(Encoding.RAW);
        var places = new ArrayList<WeightFile.Place>();
        for (int i = 0; i < 34; i++) {
            var tensor = Tensor.of(storage, storage.length);
            places.add(
                    file.add(tensor, Layout.rowMajor(tensor.toShape()), ScalarType.FLOAT32, false));
        }
        assertThat(places.getLast().offset()).isEqualTo(33L << 26);
        assertThat(file.bytes()).isEqualTo(34L << 26).isGreaterThan(Integer.MAX_VALUE);
        var seen = new LastBytes();
        file.writeTo(seen);
        assertThat(seen.count).isEqualTo(file.bytes());
        assertThat(seen.last).isEqualTo(List.of((byte) 0, (byte) 0, (byte) 64, (byte) 64));
    }

    /// Counts what is written, and keeps the last four bytes.
    private static final class LastBytes extends OutputStream {
        private long count;
        private List<Byte> last = List.of();

        @Override
        public void write(int value) {
            throw new AssertionError("expected pieces, got single bytes");
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            count += length;
            if (length < 4) return; // nothing to fill up with
            var bytes = new ArrayList<Byte>();
            for (int i = offset + length - 4; i < offset + length; i++) bytes.add(from[i]);
            last = bytes;
        }
    }
}
