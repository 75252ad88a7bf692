package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.MicrosoftNode.ABSENT;
import static io.webdnn.importer.onnx.MicrosoftNode.random;
import static io.webdnn.importer.onnx.MicrosoftNode.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.pass.FoldConstants;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Quantized operators of ONNX Runtime's own domain beside loops over their definitions.
class MicrosoftQuantizationTest {
    private static final Tensor A = whole(1, DType.UINT8, 0, 256, 2, 3, 4, 5);
    private static final Tensor B = whole(2, DType.UINT8, 0, 256, 2, 3, 4, 5);
    private static final Tensor SCALE_A = Tensor.scalar(DType.FLOAT32, 0.03);
    private static final Tensor SCALE_B = Tensor.scalar(DType.FLOAT32, 0.05);
    private static final Tensor SCALE_Y = Tensor.scalar(DType.FLOAT32, 0.07);
    private static final Tensor ZERO_A = zero(100);
    private static final Tensor ZERO_B = zero(150);
    private static final Tensor ZERO_Y = zero(120);

    /// A with channels last.
    private static final Tensor LAST_A = lastOf(A);

    @TempDir Path directory;

    private static Tensor zero(int value) {
        return Tensor.scalar(DType.UINT8, value);
    }

    private static double a(int i) {
        return 0.03f * (A.getLong(i) - 100);
    }

    private static double b(int i) {
        return 0.05f * (B.getLong(i) - 150);
    }

    private Tensor run(String operator, List<Tensor> inputs, Fields... attributes) {
        return MicrosoftNode.run(directory, operator, inputs, 1, attributes).getFirst();
    }

    /// Expects each number within half a step, and no more than rounding allows.
    private static void expect(Tensor y, IntToDoubleFunction real) {
        assertThat(y.dtype()).isEqualTo(DType.UINT8);
        for (int i = 0; i < y.size(); i++) {
            double expected = Math.clamp(real.applyAsDouble(i) / 0.07f + 120, 0, 255);
            assertThat((double) y.getLong(i)).isCloseTo(expected, within(0.5 + 1e-3));
        }
    }

    private List<Tensor> pair() {
        return List.of(A, SCALE_A, ZERO_A, B, SCALE_B, ZERO_B, SCALE_Y, ZERO_Y);
    }

    private static final List<Tensor> ONE = List.of(A, SCALE_A, ZERO_A, SCALE_Y, ZERO_Y);

    @Test
    void elementwise() {
        expect(run("QLinearAdd", pair()), i -> a(i) + b(i));
        expect(run("QLinearMul", pair()), i -> a(i) * b(i));
        expect(run("QLinearSigmoid", ONE), i -> 1 / (1 + Math.exp(-a(i))));
        expect(
                run("QLinearLeakyRelu", ONE, OnnxWriter.real("alpha", 0.3f)),
                i -> a(i) < 0 ? 0.3f * a(i) : a(i));
    }

    @Test
    void withoutZeroPoints() {
        var y = run("QLinearAdd", List.of(A, SCALE_A, ABSENT, B, SCALE_B, ABSENT, SCALE_Y));
        for (int i = 0; i < y.size(); i++) {
            double sum = 0.03f * A.getLong(i) + 0.05f * B.getLong(i);
            assertThat((double) y.getLong(i))
                    .isCloseTo(Math.min(sum / 0.07f, 255), within(0.5 + 1e-3));
        }
    }

    @Test
    void concat() {
        var y =
                run(
                        "QLinearConcat",
                        List.of(SCALE_Y, ZERO_Y, A, SCALE_A, ZERO_A, B, SCALE_B, ZERO_B),
                        OnnxWriter.integer("axis", 1));
        expect(
                y,
                i -> {
                    int channel = i / 20 % 6;
                    int at = (i / 120 * 3 + channel % 3) * 20 + i % 20;
                    return channel < 3 ? a(at) : b(at);
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void averagePool(boolean last) {
        var y =
                run(
                        "QLinearAveragePool",
                        last ? List.of(LAST_A, SCALE_A, ZERO_A, SCALE_Y, ZERO_Y) : ONE,
                        OnnxWriter.integer("channels_last", last ? 1 : 0),
                        OnnxWriter.integers("kernel_shape", 2, 2),
                        OnnxWriter.integers("strides", 2, 2),
                        OnnxWriter.integers("pads", 0, 0, 0, 1));
        expect(
                last ? channelsFirst(y, 2, 2, 3, 3) : y,
                i -> {
                    double sum = 0;
                    int count = 0;
                    for (int r = 0; r < 2; r++)
                        for (int c = 0; c < 2; c++) {
                            int column = i % 3 * 2 + c;
                            if (column > 4) continue;
                            sum += a((i / 6 * 4 + i / 3 % 2 * 2 + r) * 5 + column);
                            count++;
                        }
                    return sum / count;
                });
    }

    private static Tensor lastOf(Tensor x) {
        var last = Tensor.zeros(DType.UINT8, 2, 4, 5, 3);
        for (int i = 0; i < x.size(); i++) // N, C = 3, then 20 pixels
        last.setLong((i / 60 * 20 + i % 20) * 3 + i / 20 % 3, x.getLong(i));
        return last;
    }

    private static Tensor channelsFirst(Tensor y, int n, int rows, int columns, int channels) {
        assertThat(y.shape()).containsExactly(n, rows, columns, channels);
        int pixels = rows * columns;
        var first = Tensor.zeros(y.dtype(), n, channels, rows, columns);
        for (int i = 0; i < y.size(); i++) {
            int pixel = i / channels;
            int at = (pixel / pixels * channels + i % channels) * pixels + pixel % pixels;
            first.setLong(at, y.getLong(i));
        }
        return first;
    }

    @Test
    void maxPoolWithChannelsLast() {
        var y =
                run(
                        "NhwcMaxPool",
                        List.of(LAST_A),
                        OnnxWriter.integers("kernel_shape", 2, 2),
                        OnnxWriter.integers("strides", 2, 2));
        var first = channelsFirst(y, 2, 2, 2, 3);
        for (int i = 0; i < first.size(); i++) {
            long most = 0;
            for (int r = 0; r < 2; r++)
                for (int c = 0; c < 2; c++)
                    most =
                            Math.max(
                                    most,
                                    A.getLong((i / 4 * 4 + i / 2 % 2 * 2 + r) * 5 + i % 2 * 2 + c));
            assertThat(first.getLong(i)).isEqualTo(most);
        }
    }

    /// Two filters of 2 × 1 with a scale each; SAME padding needs a row below.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void convolution(boolean last) {
        var w = whole(3, DType.INT8, -128, 128, 2, 3, 2, 1);
        var scales = Tensor.of(new float[] {0.01f, 0.004f}, 2);
        var zeros = Tensor.zeros(DType.INT8, 2);
        var bias = Tensor.of(new int[] {500, -900}, 2);
        var y =
                run(
                        "QLinearConv",
                        List.of(
                                last ? LAST_A : A,
                                SCALE_A,
                                ZERO_A,
                                w,
                                scales,
                                zeros,
                                SCALE_Y,
                                ZERO_Y,
                                bias),
                        OnnxWriter.integer("channels_last", last ? 1 : 0),
                        ModelFile.text("auto_pad", "SAME_UPPER"));
        expect(
                last ? channelsFirst(y, 2, 4, 5, 2) : y,
                i -> {
                    int filter = i / 20 % 2;
                    long sum = bias.getLong(filter);
                    for (int c = 0; c < 3; c++)
                        for (int r = 0; r < 2; r++) {
                            int row = i / 5 % 4 + r;
                            if (row > 3) continue;
                            int at = ((i / 40 * 3 + c) * 4 + row) * 5 + i % 5;
                            sum += (A.getLong(at) - 100) * w.getLong((filter * 3 + c) * 2 + r);
                        }
                    return 0.03f * scales.getDouble(filter) * sum;
                });
    }

    /// Over the last axis, or over all from the axis on, as ONNX had it before opset 13.
    @ParameterizedTest
    @CsvSource({"13, 2, 4", "13, , 5", "12, 2, 20", "12, , 5", "12, 3, 5"})
    void softmax(int opset, @Nullable Integer axis, int extent) {
        var attributes = new ArrayList<>(List.of(OnnxWriter.integer("opset", opset)));
        if (axis != null) attributes.add(OnnxWriter.integer("axis", axis));
        var y = run("QLinearSoftmax", ONE, attributes.toArray(new Fields[0]));
        int stride = extent == 4 ? 5 : 1;
        expect(
                y,
                i -> {
                    int from = i / (extent * stride) * extent * stride + i % stride;
                    double sum = 0;
                    for (int k = 0; k < extent; k++) sum += Math.exp(a(from + k * stride));
                    return Math.exp(a(i)) / sum;
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void reduceMean(boolean keeps) {
        var y =
                run(
                        "QLinearReduceMean",
                        ONE,
                        OnnxWriter.integers("axes", 1, -1),
                        OnnxWriter.integer("keepdims", keeps ? 1 : 0));
        assertThat(y.shape()).containsExactly(keeps ? new int[] {2, 1, 4, 1} : new int[] {2, 4});
        expect(
                y,
                i -> {
                    double sum = 0;
                    for (int c = 0; c < 3; c++)
                        for (int k = 0; k < 5; k++) sum += a(((i / 4 * 3 + c) * 4 + i % 4) * 5 + k);
                    return sum / 15;
                });
    }

    @Test
    void where() {
        var condition = whole(9, DType.BOOL, 0, 2, 4, 1);
        var inputs = new ArrayList<>(List.of(condition));
        inputs.addAll(pair());
        var y = run("QLinearWhere", inputs);
        expect(y, i -> condition.getLong(i / 5 % 4) != 0 ? a(i) : b(i));
    }

    @Test
    void quantizeAndDequantize() {
        var x = random(9, 2, 3, 4);
        var scales = Tensor.of(new float[] {0.01f, 0.02f, 0.03f}, 3);
        var zeros = Tensor.of(DType.UINT8, new byte[] {10, 100, 50}, 3);
        var axis = OnnxWriter.integer("axis", 1);
        var q = run("QuantizeLinear", List.of(x, scales, zeros), axis);
        for (int i = 0; i < x.size(); i++) {
            int c = i / 4 % 3;
            double real = x.getDouble(i) / scales.getDouble(c) + zeros.getLong(c);
            assertThat((double) q.getLong(i))
                    .isCloseTo(Math.clamp(real, 0, 255), within(0.5 + 1e-4));
        }
        var y = run("DequantizeLinear", List.of(q, scales, zeros), axis);
        for (int i = 0; i < x.size(); i++) {
            int c = i / 4 % 3;
            assertThat(y.getDouble(i))
                    .isCloseTo(
                            scales.getDouble(c) * (q.getLong(i) - zeros.getLong(c)), within(1e-6));
        }
    }

    /// Columns of B have a scale and a zero point each; the result is float or uint8.
    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void gemm(boolean isTransposed, boolean isQuantized) {
        var a = whole(3, DType.UINT8, 0, 256, isTransposed ? 3 : 2, isTransposed ? 2 : 3);
        var b = whole(4, DType.INT8, -128, 128, isTransposed ? 4 : 3, isTransposed ? 3 : 4);
        var scales = random(5, 4);
        var zeros = whole(6, DType.INT8, -9, 9, 4);
        var c = whole(7, DType.INT32, -3000, 3000, 4);
        var inputs = new ArrayList<>(List.of(a, SCALE_A, ZERO_A, b, scales, zeros, c));
        if (isQuantized) inputs.addAll(List.of(SCALE_Y, ZERO_Y));
        var y =
                run(
                        "QGemm",
                        inputs,
                        OnnxWriter.real("alpha", 0.01f),
                        OnnxWriter.integer("transA", isTransposed ? 1 : 0),
                        OnnxWriter.integer("transB", isTransposed ? 1 : 0));
        IntToDoubleFunction real =
                i -> {
                    int row = i / 4;
                    int column = i % 4;
                    long sum = c.getLong(column);
                    for (int k = 0; k < 3; k++) {
                        long left = a.getLong(isTransposed ? k * 2 + row : row * 3 + k) - 100;
                        long right = b.getLong(isTransposed ? column * 3 + k : k * 4 + column);
                        sum += left * (right - zeros.getLong(column));
                    }
                    return 0.01f * 0.03f * scales.getDouble(column) * sum;
                };
        if (isQuantized) expect(y, real);
        else
            for (int i = 0; i < 8; i++)
                assertThat(y.getDouble(i)).isCloseTo(real.applyAsDouble(i), within(1e-4));
    }

    /// Rows of 40 numbers in blocks of 16, gathered by four indices; without zero points that of
    /// uint8 is the middle.
    @ParameterizedTest
    @CsvSource({
        "INT4, 4, true",
        "UINT4, 4, false",
        "UINT8, 4, true",
        "UINT8, 2, false",
        "UINT8, 8, true"
    })
    void gatherBlockQuantized(DType dtype, int bits, boolean hasZeros) {
        boolean isPacked = dtype == DType.UINT8;
        int low = dtype == DType.INT4 ? -8 : 0;
        int high = isPacked ? 256 : low + 16;
        int held = isPacked ? 40 * bits / 8 : 40;
        int heldZeros = isPacked ? Math.ceilDiv(3 * bits, 8) : 3;
        var data = whole(1, dtype, low, high, 5, held);
        var zeros = whole(2, dtype, low, high, 5, heldZeros);
        var scales = random(3, 5, 3);
        var indices = Tensor.of(new long[] {4, 0, 1, 1}, 2, 2);
        var inputs = new ArrayList<>(List.of(data, indices, scales));
        if (hasZeros) inputs.add(zeros);
        var y =
                run(
                        "GatherBlockQuantized",
                        inputs,
                        OnnxWriter.integer("block_size", 16),
                        OnnxWriter.integer("bits", bits));
        assertThat(y.shape()).containsExactly(2, 2, 40);
        for (int i = 0; i < y.size(); i++) {
            int row = (int) indices.getLong(i / 40);
            int k = i % 40;
            long q = isPacked ? field(data, row * held, k, bits) : data.getLong(row * 40 + k);
            long zero = isPacked ? 1 << (bits - 1) : 0;
            if (hasZeros)
                zero =
                        isPacked
                                ? field(zeros, row * heldZeros, k / 16, bits)
                                : zeros.getLong(row * 3 + k / 16);
            assertThat(y.getDouble(i))
                    .isCloseTo((q - zero) * scales.getDouble(row * 3 + k / 16), within(1e-4));
        }
    }

    /// Columns are gathered, and blocks run down.
    @Test
    void gatherBlockQuantizedColumns() {
        var data = whole(1, DType.UINT4, 0, 16, 20, 5);
        var scales = random(3, 2, 5);
        var y =
                run(
                        "GatherBlockQuantized",
                        List.of(data, Tensor.of(new int[] {3, 1}, 2), scales),
                        OnnxWriter.integer("block_size", 16),
                        OnnxWriter.integer("gather_axis", -1),
                        OnnxWriter.integer("quantize_axis", 0));
        for (int i = 0; i < 40; i++) {
            int column = i % 2 == 0 ? 3 : 1;
            double scale = scales.getDouble(i / 2 / 16 * 5 + column);
            assertThat(y.getDouble(i))
                    .isCloseTo(data.getLong(i / 2 * 5 + column) * scale, within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void globalAveragePool(boolean last) {
        var y =
                run(
                        "QLinearGlobalAveragePool",
                        ONE,
                        OnnxWriter.integer("channels_last", last ? 1 : 0));
        expect(
                y,
                i -> {
                    double sum = 0;
                    int count = last ? 12 : 20;
                    for (int s = 0; s < count; s++)
                        sum += a(last ? (i / 5 * 12 + s) * 5 + i % 5 : i * 20 + s);
                    return sum / count;
                });
    }

    @Test
    void matMulIntegerToFloat() {
        var a = whole(3, DType.UINT8, 0, 256, 2, 3);
        var b = whole(4, DType.INT8, -128, 128, 3, 4);
        var scales = random(5, 4);
        var zeros = whole(6, DType.INT8, -9, 9, 4);
        var bias = random(7, 4);
        var y = run("MatMulIntegerToFloat", List.of(a, b, SCALE_A, scales, ZERO_A, zeros, bias));
        for (int r = 0; r < 2; r++)
            for (int c = 0; c < 4; c++) {
                long sum = 0;
                for (int k = 0; k < 3; k++)
                    sum += (a.getLong(r * 3 + k) - 100) * (b.getLong(k * 4 + c) - zeros.getLong(c));
                double expected = sum * 0.03f * scales.getDouble(c) + bias.getDouble(c);
                assertThat(y.getDouble(r * 4 + c)).isCloseTo(expected, within(1e-2));
            }
    }

    @Test
    void dynamicQuantizeMatMul() {
        var a = random(3, 2, 3);
        var b = whole(4, DType.INT8, -128, 128, 3, 4);
        var zeros = Tensor.scalar(DType.INT8, 5);
        var bias = random(7, 4);
        var y = run("DynamicQuantizeMatMul", List.of(a, b, SCALE_B, zeros, bias));
        float low = 0;
        float high = 0;
        for (float x : a.floats()) {
            low = Math.min(low, x);
            high = Math.max(high, x);
        }
        float scale = (high - low) / 255;
        double zero = Math.rint(-low / scale);
        for (int r = 0; r < 2; r++)
            for (int c = 0; c < 4; c++) {
                double sum = 0;
                for (int k = 0; k < 3; k++) {
                    double q = Math.clamp(Math.rint(a.floats()[r * 3 + k] / scale) + zero, 0, 255);
                    sum += (q - zero) * (b.getLong(k * 4 + c) - 5);
                }
                assertThat(y.getDouble(r * 4 + c))
                        .isCloseTo(sum * scale * 0.05f + bias.getDouble(c), within(1e-4));
            }
    }

    /// So that they take four bits in a weight file.
    @Test
    void weightsOfFourBitsStayNarrow() {
        var inputs =
                List.of(
                        random(1, 2, 64),
                        whole(2, DType.UINT8, 0, 256, 96, 4, 8),
                        random(3, 96, 4));
        var graph =
                MicrosoftNode.graph(
                        directory,
                        "MatMulNBits",
                        inputs,
                        List.of("y"),
                        OnnxWriter.integer("K", 64),
                        OnnxWriter.integer("N", 96),
                        OnnxWriter.integer("block_size", 16));
        var folded = new FoldConstants(false).apply(graph);
        assertThat(folded.nodes().stream().flatMap(node -> node.inputs().stream()))
                .filteredOn(value -> value.constant() != null && value.constant().size() == 96 * 64)
                .singleElement()
                .extracting(value -> value.type().dtype())
                .isEqualTo(DType.UINT4);
    }

    /// Of 40 columns in blocks of 16, the last of which is filled up.
    @ParameterizedTest
    @CsvSource({
        "4, none",
        "4, packed",
        "4, floats",
        "2, packed",
        "8, packed",
        "8, none",
        "2, none"
    })
    void matMulNBits(int bits, String kind) {
        int rows = 5;
        int length = 40;
        int blocks = 3;
        int perByte = 8 / bits;
        var a = random(1, 2, 3, length);
        var bytes = whole(2, DType.UINT8, 0, 256, rows, blocks, 16 / perByte);
        var scales = random(3, rows, blocks);
        int held = Math.ceilDiv(blocks, perByte);
        var packed = whole(4, DType.UINT8, 0, 256, rows, held);
        var floats = random(4, rows, blocks);
        var bias = random(5, rows);
        var inputs = new ArrayList<>(List.of(a, bytes, scales));
        if (kind.equals("packed")) inputs.addAll(List.of(packed, ABSENT, bias));
        if (kind.equals("floats")) inputs.add(floats);
        var y =
                run(
                        "MatMulNBits",
                        inputs,
                        OnnxWriter.integer("K", length),
                        OnnxWriter.integer("N", rows),
                        OnnxWriter.integer("bits", bits),
                        OnnxWriter.integer("block_size", 16));
        for (int m = 0; m < 6; m++)
            for (int n = 0; n < rows; n++) {
                double sum = kind.equals("packed") ? bias.getDouble(n) : 0;
                for (int k = 0; k < length; k++) {
                    int block = n * blocks + k / 16;
                    double zero =
                            switch (kind) {
                                case "packed" -> field(packed, n * held, k / 16, bits);
                                case "floats" -> floats.getDouble(block);
                                default -> 1 << (bits - 1);
                            };
                    int q = field(bytes, block * 16 / perByte, k % 16, bits);
                    sum += a.getDouble(m * length + k) * (q - zero) * scales.getDouble(block);
                }
                assertThat(y.getDouble(m * rows + n)).isCloseTo(sum, within(1e-3));
            }
    }

    /// {@return a number of so many bits, of those that lie one after another from a byte on}
    private static int field(Tensor bytes, int from, int which, int bits) {
        long of = bytes.getLong(from + which * bits / 8);
        return (int) (of >> which * bits % 8) % (1 << bits);
    }

    @Test
    void whatIsNotTakenIsRefused() {
        assertThatThrownBy(() -> run("QLinearSigmoid", ONE, OnnxWriter.integer("axis", 1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("attribute 'axis'");
        assertThatThrownBy(() ->
                        run(
                                "MatMulNBits",
                                List.of(random(1, 2, 16), A, SCALE_A),
                                OnnxWriter.integer("K", 16),
                                OnnxWriter.integer("N", 1),
                                OnnxWriter.integer("block_size", 16),
                                OnnxWriter.integer("bits", 3)))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "MatMulNBits 'n' (model.onnx, node 0): bits: expected 2, 4 or 8, got 3");
    }

    private void expectRefusal(String message, String operator, Fields[] of, Tensor... inputs) {
        assertThatThrownBy(() -> run(operator, List.of(inputs), of))
                .isInstanceOf(GraphException.class)
                .hasMessage(operator + " 'n' (model.onnx, node 0): " + message);
    }

    private static Fields[] of(Fields... attributes) {
        return attributes;
    }

    @Test
    void whatDoesNotFitIsRefused() {
        expectRefusal(
                "opset: expected an int >= 1, got 0",
                "QLinearSoftmax",
                of(),
                A,
                SCALE_A,
                ZERO_A,
                SCALE_Y,
                ZERO_Y);
        expectRefusal(
                "keepdims: expected a value, got none",
                "QLinearReduceMean",
                of(OnnxWriter.integers("axes", 1)),
                A,
                SCALE_A,
                ZERO_A,
                SCALE_Y,
                ZERO_Y);
        expectRefusal(
                "B: expected rank 2, got uint8[2, 3, 4, 5]",
                "QGemm",
                of(),
                whole(1, DType.UINT8, 0, 9, 2, 2),
                SCALE_A,
                ZERO_A,
                B,
                SCALE_B,
                ZERO_B);
        var square = whole(1, DType.UINT8, 0, 9, 2, 2);
        expectRefusal(
                "y_zero_point: expected beside y_scale, got one without the other",
                "QGemm",
                of(),
                square,
                SCALE_A,
                ZERO_A,
                square,
                SCALE_B,
                ZERO_B,
                ABSENT,
                SCALE_Y);
        var data = whole(1, DType.UINT8, 0, 256, 5, 20);
        var indices = Tensor.of(new long[] {1}, 1);
        var scales = random(1, 5, 3);
        expectRefusal(
                "quantize_axis: expected another than gather_axis, got 1",
                "GatherBlockQuantized",
                of(OnnxWriter.integer("gather_axis", 1)),
                data,
                indices,
                scales);
        expectRefusal(
                "gather_axis: expected 0 for uint8, got 1",
                "GatherBlockQuantized",
                of(OnnxWriter.integer("gather_axis", 1), OnnxWriter.integer("quantize_axis", 0)),
                data,
                indices,
                scales);
        expectRefusal(
                "block_size: expected an int >= 1, got 0",
                "GatherBlockQuantized",
                of(OnnxWriter.integer("block_size", 0)),
                data,
                indices,
                scales);
        expectRefusal(
                "data: expected int4, uint4 or uint8, got float32[5, 3]",
                "GatherBlockQuantized",
                of(),
                scales,
                indices,
                scales);
        expectRefusal(
                "scales: expected rank 2, got float32[]",
                "GatherBlockQuantized",
                of(),
                data,
                indices,
                SCALE_A);
        expectRefusal(
                "scales: expected one for each of 1 blocks on axis 1, got float32[5, 3]",
                "GatherBlockQuantized",
                of(),
                data,
                indices,
                scales);
        expectRefusal(
                "bits: expected 2, 4 or 8, got 3",
                "GatherBlockQuantized",
                of(OnnxWriter.integer("bits", 3)),
                data,
                indices,
                scales);
    }
}
