package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.ModelFile.texts;
import static io.webdnn.importer.onnx.OnnxWriter.integer;
import static io.webdnn.importer.onnx.OnnxWriter.integers;
import static io.webdnn.importer.onnx.OnnxWriter.real;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Operators, versions and attributes that few models use, against loops and numbers by hand.
class OnnxVersionsTest {
    @TempDir Path directory;

    private static Tensor floats(int[] shape, double... values) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < values.length; i++) tensor.setDouble(i, values[i]);
        return tensor;
    }

    private static Tensor counted(int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, Math.sin(i * 1.7 + 0.3));
        return tensor;
    }

    private static Fields text(String name, String value) {
        return ModelFile.text(name, value);
    }

    /// {@return the outputs of one node whose inputs are constants; null for an absent one}
    private List<Tensor> run(
            int opset,
            String operator,
            List<Tensor> inputs,
            List<String> names,
            int outputs,
            Fields... attributes) {
        var model = new ModelFile().opset(opset);
        for (int i = 0, k = 0; i < names.size(); i++)
            if (!names.get(i).isEmpty()) model.initializer(names.get(i), inputs.get(k++));
        var results = new ArrayList<String>();
        for (int i = 0; i < outputs; i++) results.add("y" + i);
        model.node(operator, "n", names, results, attributes);
        results.forEach(model::output);
        return Interpreter.run(OnnxImporter.read(model.write(directory)).graph(), List.of());
    }

    private Tensor run(int opset, String operator, List<Tensor> inputs, Fields... attributes) {
        var names = new ArrayList<String>();
        for (int i = 0; i < inputs.size(); i++) names.add("x" + i);
        return run(opset, operator, inputs, names, 1, attributes).getFirst();
    }

    private void refused(
            String message, int opset, String operator, List<Tensor> inputs, Fields... attributes) {
        assertThatThrownBy(() -> run(opset, operator, inputs, attributes))
                .isInstanceOf(GraphException.class)
                .hasMessage(operator + " 'n' (model.onnx, node 0): " + message);
    }

    // Regions

    /// Region 0 is the whole of image 1, at half scale; region 1 begins at −0.5, which rounds to
    /// −1; region 2 is outside; region 3 is one element wide.
    @Test
    void largestElementsOfRegions() {
        var x = counted(2, 3, 5, 7);
        float[][] rois = {
            {1, 0, 0, 12, 8}, {0, -1, -1, 5, 3}, {0, 40, 40, 60, 60}, {1, 6, 2, 6, 8}
        };
        var places = Tensor.zeros(DType.FLOAT32, 4, 5);
        for (int r = 0; r < 4; r++)
            for (int k = 0; k < 5; k++) places.setDouble(5 * r + k, rois[r][k]);
        var y =
                run(
                        22,
                        "MaxRoiPool",
                        List.of(x, places),
                        integers("pooled_shape", 2, 3),
                        real("spatial_scale", 0.5f));
        assertThat(y.shape()).containsExactly(4, 3, 2, 3);
        for (int i = 0; i < y.size(); i++) {
            var roi = rois[i / 18];
            int image = (int) roi[0];
            int top = round(roi[2] / 2);
            int left = round(roi[1] / 2);
            int height = Math.max(1, round(roi[4] / 2) - top + 1);
            int width = Math.max(1, round(roi[3] / 2) - left + 1);
            double most = Double.NEGATIVE_INFINITY;
            for (int h = 0; h < 5; h++) {
                for (int w = 0; w < 7; w++) {
                    double down = (h - top) * 2.0 / height;
                    double right = (w - left) * 3.0 / width;
                    // the cell of an element and, at an edge within it, the one before
                    boolean isRow = down > i / 3 % 2 - 2.0 / height && down < i / 3 % 2 + 1;
                    boolean isColumn = right > i % 3 - 3.0 / width && right < i % 3 + 1;
                    if (isRow && isColumn)
                        most =
                                Math.max(
                                        most,
                                        x.getDouble(((image * 3 + i / 6 % 3) * 5 + h) * 7 + w));
                }
            }
            assertThat(y.getDouble(i))
                    .as("element %d", i)
                    .isEqualTo(Double.isInfinite(most) ? 0 : most);
        }
    }

    private static int round(double x) {
        return (int) (Math.signum(x) * Math.floor(Math.abs(x) + 0.5));
    }

    @Test
    void wrongRegionsAreRefused() {
        var x = counted(1, 1, 2, 2);
        refused(
                "rois: expected [R, 5], got float32[1, 4]",
                1,
                "MaxRoiPool",
                List.of(x, counted(1, 4)),
                integers("pooled_shape", 1, 1));
        refused(
                "pooled_shape: expected height and width >= 1, got [0, 1]",
                1,
                "MaxRoiPool",
                List.of(x, counted(1, 5)),
                integers("pooled_shape", 0, 1));
    }

    // Old versions

    /// `s ← s + x`, kept at each step, for two sequences of 3 and 2 steps, backwards.
    @Test
    void scansOfBatches() {
        var found = scan(3, 2);
        assertThat(found.get(0).floats()).containsExactly(106, 209);
        assertThat(found.get(0).shape()).containsExactly(2, 1);
        assertThat(found.get(1).floats()).containsExactly(103, 105, 106, 205, 209, 0);
        assertThat(found.get(1).shape()).containsExactly(2, 3, 1);
        assertThatThrownBy(() -> scan(3, 4))
                .isInstanceOf(GraphException.class)
                .hasMessageEndingWith("sequence_lens: expected 1 ... 3, got 4");
    }

    private List<Tensor> scan(long... ends) {
        Fields body =
                graph -> {
                    for (var output : List.of("sum", "kept"))
                        graph.writeByteArray(
                                1,
                                OnnxWriter.node(
                                        "", "Add", List.of("s", "x"), List.of(output), List.of()));
                    for (var input : List.of("s", "x"))
                        graph.writeByteArray(11, OnnxWriter.bytes(it -> it.writeString(1, input)));
                    for (var output : List.of("sum", "kept"))
                        graph.writeByteArray(12, OnnxWriter.bytes(it -> it.writeString(1, output)));
                };
        var states = floats(new int[] {2, 1}, 100, 200);
        var x = floats(new int[] {2, 3, 1}, 1, 2, 3, 4, 5, 6);
        return run(
                8,
                "Scan",
                List.of(Tensor.of(ends, ends.length), states, x),
                List.of("lengths", "states", "x"),
                2,
                graph("body", body),
                integer("num_scan_inputs", 1),
                integers("directions", 1));
    }

    private static Fields graph(String name, Fields graph) {
        return out -> {
            out.writeString(1, name);
            out.writeByteArray(6, OnnxWriter.bytes(graph));
            out.writeInt32(20, 5);
        };
    }

    @Test
    void statisticsOfEachElement() {
        var x = counted(2, 2, 3);
        var parameters = List.of(counted(2, 3), counted(2, 3), counted(2, 3));
        var variance = floats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        var inputs = new ArrayList<>(List.of(x));
        inputs.addAll(parameters);
        inputs.add(variance);
        var y = run(7, "BatchNormalization", inputs, integer("spatial", 0), real("epsilon", 0.5f));
        for (int i = 0; i < 12; i++) {
            double p = parameters.getFirst().getDouble(i % 6);
            double expected =
                    (x.getDouble(i) - p) / Math.sqrt(variance.getDouble(i % 6) + 0.5) * p + p;
            assertThat(y.getDouble(i)).isCloseTo(expected, within(1e-5));
        }
    }

    /// Statistics may be wider than what is normalized; a vector is one channel.
    @Test
    void normalizingNarrowVectors() {
        var x = Tensor.zeros(DType.FLOAT16, 3);
        for (int i = 0; i < 3; i++) x.setDouble(i, i);
        var one = floats(new int[] {1}, 2);
        var y = run(15, "BatchNormalization", List.of(x, one, one, one, one), real("epsilon", 2));
        assertThat(y.dtype()).isEqualTo(DType.FLOAT16);
        for (int i = 0; i < 3; i++) assertThat(y.getDouble(i)).isEqualTo((i - 2) / 2.0 * 2 + 2);
    }

    // Activations of recurrent cells

    @ParameterizedTest
    @CsvSource({
        "Affine, 0.5, 0.25",
        "ThresholdedRelu, 0.4, 0",
        "ScaledTanh, 1.5, 0.7",
        "Softsign, 0, 0",
        "softplus, 0, 0",
        "LeakyRelu, 0.3, 0",
        "Elu, 0.7, 0",
        "HardSigmoid, 0.3, 0.6"
    })
    void activationsOfCells(String name, float alpha, float beta) {
        var x = counted(2, 1, 2);
        var w = counted(1, 1, 2);
        var r = floats(new int[] {1, 1, 1}, 0.8);
        var y =
                run(
                        14,
                        "RNN",
                        List.of(x, w, r),
                        texts("activations", name),
                        ModelFile.reals("activation_alpha", alpha),
                        ModelFile.reals("activation_beta", beta));
        double state = 0;
        for (int t = 0; t < 2; t++) {
            double sum = 0.8 * state;
            for (int k = 0; k < 2; k++) sum += x.getDouble(2 * t + k) * w.getDouble(k);
            state =
                    switch (name) {
                        case "Affine" -> alpha * sum + beta;
                        case "ThresholdedRelu" -> sum > alpha ? sum : 0;
                        case "ScaledTanh" -> alpha * Math.tanh(beta * sum);
                        case "Softsign" -> sum / (1 + Math.abs(sum));
                        case "softplus" -> Math.log1p(Math.exp(sum));
                        case "LeakyRelu" -> sum < 0 ? alpha * sum : sum;
                        case "Elu" -> sum < 0 ? alpha * Math.expm1(sum) : sum;
                        default -> Math.max(0, Math.min(1, alpha * sum + beta));
                    };
            assertThat(y.getDouble(t)).as("step %d", t).isCloseTo(state, within(1e-5));
        }
    }

    @Test
    void unknownActivationsAreRefused() {
        refused(
                "activations: expected one of Sigmoid, Tanh, Relu, Softplus, Softsign, Elu, LeakyRelu,"
                        + " ThresholdedRelu, Affine, HardSigmoid, ScaledTanh, got Swish",
                14,
                "RNN",
                List.of(counted(2, 1, 2), counted(1, 1, 2), counted(1, 1, 1)),
                texts("activations", "Swish"));
    }

    // New versions

    /// Which keys a query sees, by the sentence of the standard; past keys come before.
    @ParameterizedTest
    @CsvSource({"2, 1, 0", "0, -1, 0", "-1, 0, 0", "1, 0, 2", "-1, 2, 2"})
    void windowsOfAttention(int left, int right, int past) {
        int rows = 4;
        int columns = 6;
        var q = counted(1, 1, rows, 2);
        var k = counted(1, 1, columns, 2);
        var v = Tensor.zeros(DType.FLOAT32, 1, 1, columns, 1);
        for (int j = 0; j < columns; j++) v.setDouble(j, Math.pow(2, j));
        var inputs = new ArrayList<>(List.of(q, k, v));
        var names = new ArrayList<>(List.of("q", "k", "v"));
        if (past > 0) {
            names.addAll(List.of("", "pk", "pv"));
            inputs.add(counted(1, 1, past, 2));
            inputs.add(counted(1, 1, past, 1));
        }
        var shown =
                run(
                                25,
                                "Attention",
                                inputs,
                                names,
                                4,
                                integer("left_window_size", left),
                                integer("right_window_size", right),
                                integer("qk_matmul_output_mode", 2))
                        .get(3);
        assertThat(shown.shape()).containsExactly(1, 1, rows, columns + past);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns + past; j++) {
                int place = past + i;
                boolean isSeen =
                        (left < 0 || place - left <= j) && (right < 0 || j <= place + right);
                assertThat(Double.isInfinite(shown.getDouble(i * (columns + past) + j)))
                        .as("query %d, key %d", i, j)
                        .isEqualTo(!isSeen);
            }
        }
    }

    @Test
    void gatesOfSwiGlu() {
        var a = counted(2, 3);
        var b = counted(2, 3);
        var y = run(28, "SwiGLU", List.of(a, b), real("alpha", 1.5f));
        for (int i = 0; i < 6; i++) {
            double gate = a.getDouble(i) / (1 + Math.exp(-1.5 * a.getDouble(i)));
            assertThat(y.getDouble(i)).isCloseTo(gate * b.getDouble(i), within(1e-6));
        }
        refused(
                "B: expected the shape of A, [2, 3], got float32[3]",
                28,
                "SwiGLU",
                List.of(a, counted(3)));
    }

    @ParameterizedTest
    @CsvSource({
        "up, 3.5, 4",
        "down, 3.5, 2",
        "nearest, 3.5, 4",
        "nearest, 2.5, 2",
        "nearest, 3, 4",
        "down, 4, 4",
        "down, NaN, NaN"
    })
    void powersOfTwo(String how, float x, float power) {
        var y =
                run(
                        24,
                        "Cast",
                        List.of(Tensor.scalar(DType.FLOAT32, x)),
                        integer("to", 24),
                        text("round_mode", how));
        assertThat((float) y.getDouble(0)).isEqualTo(Float.valueOf(power));
    }

    // Loops

    /// A loop of no step gives what was carried in, and no rows.
    @Test
    void loopsOfNoStep() {
        Fields body =
                graph -> {
                    graph.writeByteArray(
                            1, OnnxWriter.node("", "Neg", List.of("x"), List.of("y"), List.of()));
                    for (var input : List.of("i", "c", "x"))
                        graph.writeByteArray(11, OnnxWriter.bytes(it -> it.writeString(1, input)));
                    for (var output : List.of("c", "y", "y"))
                        graph.writeByteArray(12, OnnxWriter.bytes(it -> it.writeString(1, output)));
                };
        var found =
                run(
                        16,
                        "Loop",
                        List.of(Tensor.of(new long[] {0}), counted(2, 3)),
                        List.of("m", "", "x"),
                        2,
                        graph("body", body));
        assertThat(found.get(0).floats()).containsExactly(counted(2, 3).floats());
        assertThat(found.get(1).shape()).containsExactly(0, 2, 3);
    }

    // Sparse tensors

    private static Fields sparse(Tensor values, Tensor indices, long... shape) {
        return out -> {
            out.writeByteArray(1, OnnxWriter.tensor("s", values));
            out.writeByteArray(2, OnnxWriter.tensor("", indices));
            for (long extent : shape) out.writeInt64(3, extent);
        };
    }

    private Tensor constant(Tensor values, Tensor indices, long... shape) {
        return run(
                11,
                "Constant",
                List.of(),
                out -> {
                    out.writeString(1, "sparse_value");
                    out.writeByteArray(22, OnnxWriter.bytes(sparse(values, indices, shape)));
                    out.writeInt32(20, 11);
                });
    }

    @Test
    void sparseTensorsAreWrittenOut() {
        var values = floats(new int[] {2}, 5, 7);
        var flat = constant(values, Tensor.of(new long[] {1, 5}, 2), 2, 3);
        assertThat(flat.shape()).containsExactly(2, 3);
        assertThat(flat.floats()).containsExactly(0, 5, 0, 0, 0, 7);
        var placed = constant(values, Tensor.of(new long[] {0, 2, 1, 1}, 2, 2), 2, 3);
        assertThat(placed.floats()).containsExactly(0, 0, 5, 0, 7, 0);
        var model =
                new ModelFile()
                        .sparse(sparse(values, Tensor.of(new long[] {1, 2}, 2), 3))
                        .node("Neg", "n", List.of("s"), List.of("y"))
                        .output("y");
        var graph = OnnxImporter.read(model.write(directory)).graph();
        assertThat(Interpreter.run(graph, List.of()).getFirst().floats())
                .containsExactly(-0f, -5, -7);
    }

    @Test
    void brokenSparseTensorsAreRefused() {
        var values = floats(new int[] {2}, 5, 7);
        broken("index: expected 0 ... 5, got 6", values, Tensor.of(new long[] {1, 6}, 2), 2, 3);
        broken(
                "index: expected 0 ... 2, got -1",
                values,
                Tensor.of(new long[] {0, -1, 1, 1}, 2, 2),
                2,
                3);
        broken(
                "indices: expected int64[2] or [2, rank], got int64[3]",
                values,
                Tensor.of(new long[] {1, 2, 3}, 3),
                2,
                3);
        broken(
                "shape of a sparse tensor: expected at most 16777216 elements, got [4097, 4096]",
                values,
                Tensor.of(new long[] {1, 2}, 2),
                4097,
                4096);
    }

    private void broken(String message, Tensor values, Tensor indices, long... shape) {
        assertThatThrownBy(() -> constant(values, indices, shape))
                .isInstanceOf(FileException.class)
                .hasMessageEndingWith("tensor 's': " + message);
    }

    // Dtypes

    private static Tensor whole(DType dtype, int[] shape, long... values) {
        var tensor = Tensor.zeros(dtype, shape);
        for (int i = 0; i < values.length; i++) tensor.setLong(i, values[i]);
        return tensor;
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    /// Two blocks of two, a step apart: they overlap in the middle, where bytes wrap.
    @Test
    void blocksOfBytesAreAdded() {
        var x = whole(DType.UINT8, new int[] {1, 2, 2}, 1, 200, 100, 4);
        var y = run(18, "Col2Im", List.of(x, longs(3), longs(2)));
        assertThat(y.dtype()).isEqualTo(DType.UINT8);
        for (int i = 0; i < 3; i++)
            assertThat(y.getLong(i)).isEqualTo(new long[] {1, 300 - 256, 4}[i]);
        refused(
                "input 0: expected a real tensor, got complex64[1, 2, 2]",
                18,
                "Col2Im",
                List.of(Tensor.zeros(DType.COMPLEX64, 1, 2, 2), longs(3), longs(2)));
    }

    @Test
    void nearestElementsMayBeWhole() {
        var x = whole(DType.INT32, new int[] {1, 1, 1, 3}, 16_777_217, -2, 3);
        var grid = floats(new int[] {1, 1, 2, 2}, -1, 0, 1, 0);
        var y =
                run(
                        20,
                        "GridSample",
                        List.of(x, grid),
                        text("mode", "nearest"),
                        integer("align_corners", 1));
        assertThat(y.getLong(0)).isEqualTo(16_777_217);
        assertThat(y.getLong(1)).isEqualTo(3);
    }

    @Test
    void productsOfQuantizedFloats() {
        var a = floats8(1.5, -2);
        var b = floats8(0.75, 0.5);
        var one = Tensor.scalar(DType.FLOAT32, 1);
        var half = Tensor.scalar(DType.FLOAT32, 0.5);
        var zero = Tensor.zeros(DType.FLOAT8E4M3FN);
        var y =
                run(
                        21,
                        "QLinearMatMul",
                        List.of(
                                a.reshape(1, 2),
                                one,
                                zero,
                                b.reshape(2, 1),
                                one,
                                zero,
                                half,
                                zero));
        assertThat(y.dtype()).isEqualTo(DType.FLOAT8E4M3FN);
        assertThat(y.getDouble(0)).isEqualTo((1.5 * 0.75 - 2 * 0.5) / 0.5);
    }

    /// 0 stands for none, here as in files.
    @Test
    void noDtypeIsThatOfTheScale() {
        var x = whole(DType.INT8, new int[] {2}, 3, -4);
        var y =
                run(
                        23,
                        "DequantizeLinear",
                        List.of(x, Tensor.scalar(DType.FLOAT16, 0.5)),
                        integer("output_dtype", 0));
        assertThat(y.dtype()).isEqualTo(DType.FLOAT16);
        assertThat(y.getDouble(1)).isEqualTo(-2);
    }

    private static Tensor floats8(double... values) {
        var tensor = Tensor.zeros(DType.FLOAT8E4M3FN, values.length);
        for (int i = 0; i < values.length; i++) tensor.setDouble(i, values[i]);
        return tensor;
    }

    /// In float16, 2049 is 2048.
    @Test
    void rangesOfNarrowFloats() {
        var x = new ArrayList<Tensor>();
        for (double value : new double[] {2048, 2056, 1})
            x.add(Tensor.scalar(DType.FLOAT16, value));
        var y = run(27, "Range", x, integer("stash_type", 1));
        assertThat(y.shape()).containsExactly(8);
        assertThat(y.getDouble(7)).isEqualTo(2056); // 2055 is between 2054 and 2056
    }

    // Old meanings

    @Test
    void oldIndicesDoNotWrap() {
        var inputs = List.of(longs(-1, 1), Tensor.of(new long[] {2}), floats(new int[] {2}, 0, 1));
        assertThat(run(9, "OneHot", inputs).floats()).containsExactly(0, 0, 0, 1);
        assertThat(run(11, "OneHot", inputs).floats()).containsExactly(0, 1, 0, 1);
    }

    @Test
    void oldMasksAreNumbers() {
        var x = floats(new int[] {2}, 3, 4);
        var found = run(7, "Dropout", List.of(x), List.of("x"), 2);
        assertThat(found.get(0).floats()).containsExactly(3, 4);
        assertThat(found.get(1).floats()).containsExactly(1, 1);
    }
}
