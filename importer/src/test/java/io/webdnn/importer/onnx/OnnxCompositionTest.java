package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the importer writes out in operators of the graph, where the suite has no case: overflow,
/// ties, old opsets, wrong use.
class OnnxCompositionTest {
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @TempDir Path directory;

    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor counted(int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, Math.sin(i * 1.7 + 0.3));
        return tensor;
    }

    /// {@return the outputs of one node whose inputs are constants; null for an absent one}
    private List<Tensor> run(
            int opset, String operator, List<Tensor> inputs, Fields... attributes) {
        return run(opset, operator, inputs, 1, attributes);
    }

    private List<Tensor> run(
            int opset, String operator, List<Tensor> inputs, int outputs, Fields... attributes) {
        var model = new ModelFile().opset(opset);
        var names = new ArrayList<String>();
        for (int i = 0; i < inputs.size(); i++) {
            names.add(inputs.get(i).rank() == 1 && inputs.get(i).size() == 0 ? "" : "x" + i);
            if (!names.getLast().isEmpty()) model.initializer("x" + i, inputs.get(i));
        }
        var results = new ArrayList<String>();
        for (int i = 0; i < outputs; i++) results.add("y" + i);
        model.node(operator, "n", names, results, attributes);
        results.forEach(model::output);
        var graph = OnnxImporter.read(model.write(directory)).graph();
        return Interpreter.run(graph, List.of());
    }

    /// Stands for an input that is not given.
    private static final Tensor ABSENT = Tensor.zeros(DType.FLOAT32, 0);

    private void refused(
            String message, int opset, String operator, List<Tensor> inputs, Fields... attributes) {
        assertThatThrownBy(() -> run(opset, operator, inputs, attributes))
                .isInstanceOf(GraphException.class)
                .hasMessage(operator + " 'n' (model.onnx, node 0): " + message);
    }

    @Test
    void logSumExpDoesNotOverflow() {
        var x = Tensor.of(new float[] {1000, 1000, -INFINITY, -INFINITY, INFINITY, 0}, 3, 2);
        var y =
                run(
                                18,
                                "ReduceLogSumExp",
                                List.of(x, Tensor.of(new long[] {1}, 1)),
                                OnnxWriter.integer("keepdims", 0))
                        .getFirst();
        assertThat(y.floats()[0]).isCloseTo((float) (1000 + Math.log(2)), within(1e-3f));
        assertThat(y.floats()[1]).isEqualTo(-INFINITY);
        assertThat(y.floats()[2]).isEqualTo(INFINITY);
    }

    @Test
    void noAxesMayMeanNoneWhileTheRestIsDone() {
        var x = floats(-2, 3);
        var noop = OnnxWriter.integer("noop_with_empty_axes", 1);
        assertThat(run(18, "ReduceL1", List.of(x), noop).getFirst().floats()).containsExactly(2, 3);
        assertThat(run(18, "ReduceSumSquare", List.of(x), noop).getFirst().floats())
                .containsExactly(4, 9);
        assertThat(run(11, "ReduceL2", List.of(floats(3, 4))).getFirst().floats())
                .containsExactly(5);
    }

    @Test
    void theNormOfIntegersIsAnInteger() {
        var y = run(18, "ReduceL2", List.of(Tensor.of(new int[] {3, 4}, 2))).getFirst();
        assertThat(y.dtype()).isEqualTo(DType.INT32);
        assertThat(y.getLong(0)).isEqualTo(5);
    }

    @Test
    void quantizingRoundsHalfToEvenThenShiftsThenClamps() {
        var x = floats(0.5f, 1.5f, 2.5f, -0.5f, 1e9f, -INFINITY, INFINITY, 254.4f);
        var zero = Tensor.zeros(DType.UINT8);
        zero.setLong(0, 3);
        var y = run(13, "QuantizeLinear", List.of(x, Tensor.scalar(DType.FLOAT32, 1), zero));
        assertThat(integers(y.getFirst())).containsExactly(3, 5, 5, 3, 255, 0, 255, 255);
        var signed = Tensor.zeros(DType.INT8);
        var z = run(13, "QuantizeLinear", List.of(x, Tensor.scalar(DType.FLOAT32, 2), signed));
        assertThat(integers(z.getFirst())).containsExactly(0, 1, 1, 0, 127, -128, 127, 127);
    }

    private static long[] integers(Tensor tensor) {
        var values = new long[tensor.size()];
        for (int i = 0; i < values.length; i++) values[i] = tensor.getLong(i);
        return values;
    }

    @Test
    void dequantizingSubtractsInWideIntegers() {
        var x = Tensor.zeros(DType.INT8, 2);
        x.setLong(0, -128);
        x.setLong(1, 127);
        var zero = Tensor.zeros(DType.INT8, 2);
        zero.setLong(0, 127);
        zero.setLong(1, -128);
        var y =
                run(
                        13,
                        "DequantizeLinear",
                        List.of(x, floats(0.5f, 2), zero),
                        OnnxWriter.integer("axis", 0));
        assertThat(y.getFirst().floats()).containsExactly(-127.5f, 510);
    }

    @Test
    void scalesMayBelongToBlocks() {
        var x = Tensor.zeros(DType.INT32, 1, 5);
        for (int i = 0; i < 5; i++) x.setLong(i, i + 1);
        var scales = Tensor.of(new float[] {1, 10, 100}, 1, 3);
        var block = OnnxWriter.integer("block_size", 2);
        var y = run(21, "DequantizeLinear", List.of(x, scales), block).getFirst();
        assertThat(y.floats()).containsExactly(1, 2, 30, 40, 500);
        refused(
                "block_size: expected > 0, and a scale of rank 2, got 2",
                21,
                "DequantizeLinear",
                List.of(x, floats(1, 2, 3)),
                block);
    }

    @Test
    void zeroVectorsStayZero() {
        var y = run(22, "LpNormalization", List.of(Tensor.of(new float[] {0, 0, 3, 4}, 2, 2)));
        assertThat(y.getFirst().floats()).containsExactly(0, 0, 0.6f, 0.8f);
        refused(
                "p: expected 1 or 2, got 3",
                22,
                "LpNormalization",
                List.of(floats(1)),
                OnnxWriter.integer("p", 3));
    }

    /// A window of an even size has one channel more behind than before.
    @Test
    void channelsOfAnEvenWindow() {
        var x = Tensor.of(new float[] {1, 2, 4}, 1, 3, 1);
        var y =
                run(
                                13,
                                "LRN",
                                List.of(x),
                                OnnxWriter.integer("size", 2),
                                OnnxWriter.real("alpha", 2),
                                OnnxWriter.real("beta", 1))
                        .getFirst();
        assertThat(y.floats()).containsExactly(1 / 6f, 2 / 21f, 4 / 17f);
        refused("size: expected an int, got none", 13, "LRN", List.of(x));
    }

    @Test
    void lpPoolsMayRoundUp() {
        var x = Tensor.of(new float[] {3, 4, 1, 2, 2}, 1, 1, 5);
        var two = OnnxWriter.integers("kernel_shape", 2);
        var y =
                run(
                                22,
                                "LpPool",
                                List.of(x),
                                two,
                                OnnxWriter.integers("strides", 2),
                                OnnxWriter.integer("ceil_mode", 1))
                        .getFirst();
        assertThat(y.floats()).containsExactly(5, (float) Math.sqrt(5), 2);
        var sums =
                run(
                                22,
                                "LpPool",
                                List.of(x),
                                two,
                                OnnxWriter.integer("p", 1),
                                OnnxWriter.integers("pads", 1, 0))
                        .getFirst();
        assertThat(sums.floats()).containsExactly(3, 7, 5, 3, 4);
        var cubes = run(22, "GlobalLpPool", List.of(x), OnnxWriter.integer("p", 3)).getFirst();
        assertThat(cubes.floats()[0])
                .isCloseTo((float) Math.cbrt(27 + 64 + 1 + 8 + 8), within(1e-5f));
    }

    @Test
    void oldSlopesBelongToChannels() {
        var x = Tensor.of(new float[] {-1, -1, -1, -1}, 1, 2, 2);
        var y = run(6, "PRelu", List.of(x, floats(2, 3))).getFirst();
        assertThat(y.floats()).containsExactly(-2, -2, -3, -3);
        var nan = run(16, "PRelu", List.of(floats(Float.NaN, -2), floats(4))).getFirst();
        assertThat(nan.floats()).containsExactly(Float.NaN, -8);
    }

    @Test
    void oldHardmaxFlattensAndTakesTheFirst() {
        var x = Tensor.of(new float[] {1, 3, 3, 0, 9, 9, 9, 9}, 2, 2, 2);
        var y = run(11, "Hardmax", List.of(x)).getFirst();
        assertThat(y.floats()).containsExactly(0, 1, 0, 0, 1, 0, 0, 0);
    }

    @Test
    void oldTopKHasAnAttribute() {
        var y = run(1, "TopK", List.of(floats(1, 5, 3)), 2, OnnxWriter.integer("k", 2));
        assertThat(y.get(0).floats()).containsExactly(5, 3);
        assertThat(integers(y.get(1))).containsExactly(1, 2);
        refused("k: expected an int, got none", 1, "TopK", List.of(floats(1)));
    }

    @Test
    void rowsOfIndicesOutsideAreOff() {
        var indices = Tensor.of(new long[] {-3, -1, 0, 3}, 4);
        var depth = Tensor.of(new long[] {3});
        var y =
                run(
                        11,
                        "OneHot",
                        List.of(indices, depth, floats(5, 7)),
                        OnnxWriter.integer("axis", 0));
        assertThat(y.getFirst().shape()).containsExactly(3, 4);
        assertThat(y.getFirst().floats()).containsExactly(7, 5, 7, 5, 5, 5, 5, 5, 5, 7, 5, 5);
    }

    /// By the formula, step by step; both forms of the reset gate, a clip, a reversed sequence with
    /// lengths.
    @Test
    void gatedUnits() {
        int steps = 3;
        int batch = 2;
        var x = counted(steps, batch, 2);
        var w = counted(1, 9, 2);
        var r = counted(1, 9, 3);
        var b = counted(1, 18);
        var lengths = Tensor.of(new int[] {3, 2}, batch);
        for (int after = 0; after < 2; after++) {
            var y =
                    run(
                            14,
                            "GRU",
                            List.of(x, w, r, b, lengths),
                            2,
                            OnnxWriter.integer("hidden_size", 3),
                            OnnxWriter.integer("linear_before_reset", after),
                            ModelFile.text("direction", "reverse"));
            for (int n = 0; n < batch; n++) {
                var h = new double[3];
                for (int t = (int) lengths.getLong(n) - 1; t >= 0; t--) {
                    h = gatedUnit(x, (t * batch + n) * 2, w, r, b, h, after == 1);
                    for (int j = 0; j < 3; j++)
                        assertThat(y.get(0).getDouble((t * batch + n) * 3 + j))
                                .isCloseTo(h[j], within(1e-5));
                }
                for (int j = 0; j < 3; j++)
                    assertThat(y.get(1).getDouble(n * 3 + j)).isCloseTo(h[j], within(1e-5));
            }
            assertThat(y.get(0).getDouble((2 * batch + 1) * 3)).isZero();
        }
    }

    private static double[] gatedUnit(
            Tensor x, int at, Tensor w, Tensor r, Tensor b, double[] h, boolean resetsAfter) {
        var z = new double[3];
        var reset = new double[3];
        for (int j = 0; j < 3; j++) {
            z[j] = sigmoid(gate(x, at, w, r, b, h, j));
            reset[j] = sigmoid(gate(x, at, w, r, b, h, 3 + j));
        }
        var next = new double[3];
        for (int j = 0; j < 3; j++) {
            double sum = b.getDouble(6 + j);
            for (int i = 0; i < 2; i++) sum += x.getDouble(at + i) * w.getDouble((6 + j) * 2 + i);
            double linear = b.getDouble(15 + j);
            for (int k = 0; k < 3; k++)
                linear += (resetsAfter ? h[k] : h[k] * reset[k]) * r.getDouble((6 + j) * 3 + k);
            double candidate = Math.tanh(sum + (resetsAfter ? reset[j] * linear : linear));
            next[j] = (1 - z[j]) * candidate + z[j] * h[j];
        }
        return next;
    }

    private static double gate(
            Tensor x, int at, Tensor w, Tensor r, Tensor b, double[] h, int row) {
        double sum = b.getDouble(row) + b.getDouble(9 + row);
        for (int i = 0; i < 2; i++) sum += x.getDouble(at + i) * w.getDouble(row * 2 + i);
        for (int k = 0; k < 3; k++) sum += h[k] * r.getDouble(row * 3 + k);
        return sum;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /// A row that is masked as a whole gives 0, and infinite scores behind a mask do not count.
    @Test
    void maskedRowsOfAttention() {
        var q = Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2);
        var k = Tensor.of(new float[] {1, 1, INFINITY, 1}, 1, 1, 2, 2);
        var mask = Tensor.of(new boolean[] {false, false, true, false}, 2, 2);
        var y =
                run(
                        24,
                        "Attention",
                        List.of(q, k, Tensor.of(new float[] {5, 6, 7, 8}, 1, 1, 2, 2), mask));
        assertThat(y.getFirst().floats()).containsExactly(0, 0, 5, 6);
    }

    /// The last column of the image is in no block; blocks beside each other overlap by one.
    @Test
    void blocksAddUpToAnImage() {
        var x = Tensor.of(new float[] {1, 2, 10, 20, 100, 200}, 1, 3, 2);
        var image = Tensor.of(new long[] {6}, 1);
        var block = Tensor.of(new long[] {3}, 1);
        var y = run(18, "Col2Im", List.of(x, image, block), OnnxWriter.integers("strides", 2));
        assertThat(y.getFirst().shape()).containsExactly(1, 1, 6);
        assertThat(y.getFirst().floats()).containsExactly(1, 10, 102, 20, 200, 0);
        refused(
                "input: expected a multiple of 3 by 4, got float32[1, 3, 2]",
                18,
                "Col2Im",
                List.of(x, image, block));
        refused(
                "image_shape: expected room for a block of 3, got 2",
                18,
                "Col2Im",
                List.of(x, Tensor.of(new long[] {2}, 1), block));
        refused(
                "block_shape: expected 1 extents, got 2",
                18,
                "Col2Im",
                List.of(x, image, Tensor.of(new long[] {1, 3}, 2)));
        refused(
                "input: expected rank 3, got float32[1]",
                18,
                "Col2Im",
                List.of(floats(1), image, block));
    }

    @Test
    void maximaGoBackToTheirPlaces() {
        var x = Tensor.of(new float[] {5, 6}, 1, 1, 2);
        var places = Tensor.of(new long[] {1, 2}, 1, 1, 2);
        var kernel = OnnxWriter.integers("kernel_shape", 2);
        var strides = OnnxWriter.integers("strides", 2);
        var y = run(11, "MaxUnpool", List.of(x, places), kernel, strides).getFirst();
        assertThat(y.floats()).containsExactly(0, 5, 6, 0);
        var larger = Tensor.of(new long[] {1, 1, 5}, 3);
        var z = run(11, "MaxUnpool", List.of(x, places, larger), kernel, strides).getFirst();
        assertThat(z.floats()).containsExactly(0, 5, 6, 0, 0);
        refused(
                "output_shape: expected >= 4, got 3",
                11,
                "MaxUnpool",
                List.of(x, places, Tensor.of(new long[] {1, 1, 3}, 3)),
                kernel,
                strides);
        refused(
                "output_shape: expected 3 extents, got 2",
                11,
                "MaxUnpool",
                List.of(x, places, Tensor.of(new long[] {1, 4}, 2)),
                kernel,
                strides);
    }

    @Test
    void updatesOfACacheMayGoRound() {
        var cache = Tensor.zeros(DType.FLOAT32, 2, 3, 1);
        var update = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1);
        var starts = Tensor.of(new long[] {2, 0}, 2);
        var y =
                run(
                        24,
                        "TensorScatter",
                        List.of(cache, update, starts),
                        ModelFile.text("mode", "circular"));
        assertThat(y.getFirst().floats()).containsExactly(2, 0, 1, 3, 4, 0);
        var z = run(24, "TensorScatter", List.of(cache, update));
        assertThat(z.getFirst().floats()).containsExactly(1, 2, 0, 3, 4, 0);
        refused(
                "update: expected rank 3, an axis > 0, got float32[2]",
                24,
                "TensorScatter",
                List.of(cache, floats(1, 2)));
    }

    @Test
    void aTensorIsAnOptionalThatHoldsIt() {
        assertThat(run(18, "OptionalHasElement", List.of(floats(1))).getFirst().getLong(0))
                .isEqualTo(1);
        assertThat(run(18, "OptionalHasElement", List.of()).getFirst().getLong(0)).isZero();
        assertThat(run(18, "OptionalGetElement", List.of(floats(7))).getFirst().floats())
                .containsExactly(7);
    }

    @Test
    void wrongUseIsNamed() {
        var x = counted(1, 3, 2);
        refused(
                "q_num_heads: expected a number >= 1 for rank 3, got 0",
                23,
                "Attention",
                List.of(x, x, x));
        refused(
                "num_heads: expected a number >= 1 for rank 3, got 0",
                23,
                "RotaryEmbedding",
                List.of(x, x, x));
        refused("direction: expected LEFT or RIGHT, got none", 11, "BitShift", List.of(x, x));
        refused("equation: expected a string, got none", 12, "Einsum", List.of(x));
        refused("blocksize: expected an int, got none", 13, "DepthToSpace", List.of(x));
        refused(
                "num_groups: expected an int, got none",
                18,
                "GroupNormalization",
                List.of(x, floats(1), floats(1)));
        refused(
                "num_groups: expected a divisor of C = 3, got 2",
                18,
                "GroupNormalization",
                List.of(x, floats(1), floats(1)),
                OnnxWriter.integer("num_groups", 2));
        refused(
                "axis: expected -3 ... 1 without -1, got 2",
                20,
                "DFT",
                List.of(x, ABSENT, Tensor.of(new long[] {2})));
        refused("body: expected a graph, got none", 16, "Loop", List.of());
        refused("then_branch: expected a graph, got none", 16, "If", List.of());
    }
}
