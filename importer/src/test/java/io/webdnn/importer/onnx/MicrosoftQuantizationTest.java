package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.MicrosoftNode.ABSENT;
import static io.webdnn.importer.onnx.MicrosoftNode.random;
import static io.webdnn.importer.onnx.MicrosoftNode.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
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

    @Test
    void averagePool() {
        var y =
                run(
                        "QLinearAveragePool",
                        ONE,
                        OnnxWriter.integers("kernel_shape", 2, 2),
                        OnnxWriter.integers("strides", 2, 2),
                        OnnxWriter.integers("pads", 0, 0, 0, 1));
        expect(
                y,
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
        assertThatThrownBy(() ->
                        run(
                                "QLinearAveragePool",
                                ONE,
                                OnnxWriter.integers("kernel_shape", 2, 2),
                                OnnxWriter.integer("channels_last", 1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("channels_last: expected 0, got 1");
    }
}
