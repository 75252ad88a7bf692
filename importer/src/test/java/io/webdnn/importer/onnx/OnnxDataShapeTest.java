package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Operators whose sizes are inputs of the model: they become sizes that a run measures.
class OnnxDataShapeTest {
    @TempDir Path directory;

    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    private static Fields text(String name, String value) {
        return out -> {
            out.writeString(1, name);
            out.writeString(4, value);
            out.writeInt32(20, 3);
        };
    }

    private Graph graph(ModelFile model) {
        return OnnxImporter.read(model.write(directory)).graph();
    }

    private static List<Tensor> run(Graph graph, Tensor... inputs) {
        return Interpreter.run(graph, List.of(inputs));
    }

    @Test
    void compressTakesWhatIsChosenInTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "3", "2")
                                .input("c", "3")
                                .initializer("half", Tensor.scalar(DType.FLOAT32, 0.5))
                                .node("Greater", "", List.of("c", "half"), List.of("which"))
                                .node(
                                        "Compress",
                                        "n",
                                        List.of("x", "which"),
                                        List.of("y"),
                                        OnnxWriter.integer("axis", 0))
                                .node("Compress", "m", List.of("x", "which"), List.of("z"))
                                .output("y")
                                .output("z"));
        var x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        var y = run(graph, x, floats(1, 0, 1));
        assertThat(y.get(0).shape()).containsExactly(2, 2);
        assertThat(y.get(0).floats()).containsExactly(1, 2, 5, 6);
        assertThat(y.get(1).floats()).containsExactly(1, 3);
        assertThat(run(graph, x, floats(0, 0, 0)).getFirst().shape()).containsExactly(0, 2);
    }

    @Test
    void aShapeThatIsNoVectorOfIntegersIsRefused() {
        var model =
                new ModelFile()
                        .input("x", "4")
                        .input("shape", "2")
                        .node("Reshape", "r", List.of("x", "shape"), List.of("y"))
                        .output("y");
        assertThatThrownBy(() -> graph(model))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining(
                        "input 1: expected a vector of at most 256 integers, got float32[2]");
    }

    @Test
    void resizeTakesItsSizesFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "H", "2")
                                .integers("sizes", "2")
                                .node(
                                        "Resize",
                                        "r",
                                        List.of("x", "", "", "sizes"),
                                        List.of("y"),
                                        text("mode", "linear"))
                                .output("y"));
        var x = Tensor.of(new float[] {0, 4, 8, 12}, 2, 2);
        var larger = run(graph, x, longs(2, 4)).getFirst();
        assertThat(larger.shape()).containsExactly(2, 4);
        assertThat(larger.floats()).containsExactly(0, 1, 3, 4, 8, 9, 11, 12);
        var smaller = run(graph, x, longs(1, 1)).getFirst();
        assertThat(smaller.shape()).containsExactly(1, 1);
        assertThat(smaller.floats()).containsExactly(6);
    }

    @Test
    void resizeScalesAxesOfAnySize() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "H", "W")
                                .initializer("scales", floats(2, 0.5f))
                                .node(
                                        "Resize",
                                        "r",
                                        List.of("x", "", "scales"),
                                        List.of("y"),
                                        text("mode", "nearest"),
                                        text("coordinate_transformation_mode", "asymmetric"),
                                        text("nearest_mode", "floor"))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type().shape()).hasToString("[2*H, (W)//2]");
        var y = run(graph, Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 2, 5)).getFirst();
        assertThat(y.shape()).containsExactly(4, 2);
        assertThat(y.floats()).containsExactly(1, 3, 1, 3, 6, 8, 6, 8);
    }

    /// Where a place lies in the input, as ONNX defines it.
    private static double origin(String form, int place, int extent, float scale) {
        double middle = (place + 0.5) / scale - 0.5;
        double whole = extent * scale;
        return switch (form) {
            case "half_pixel_symmetric" -> {
                double ratio = Math.floor(whole) / whole;
                yield extent / 2.0 * (1 - ratio) + middle;
            }
            case "pytorch_half_pixel" -> whole > 1 ? middle : 0;
            case "align_corners" -> whole == 1 ? 0 : place * (extent - 1) / (whole - 1);
            case "asymmetric" -> place / scale;
            case "tf_half_pixel_for_nn" -> (place + 0.5) / scale;
            default -> middle;
        };
    }

    private static double near(String mode, double x) {
        return switch (mode) {
            case "floor" -> Math.floor(x);
            case "ceil" -> Math.ceil(x);
            case "round_prefer_ceil" -> Math.floor(x + 0.5);
            default -> Math.ceil(x - 0.5);
        };
    }

    private static double kernel(String mode, double distance) {
        double d = Math.abs(distance);
        if (mode.equals("linear")) return Math.max(0, 1 - d);
        double a = -0.75;
        if (d >= 2) return 0;
        return d <= 1
                ? (a + 2) * d * d * d - (a + 3) * d * d + 1
                : a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
    }

    /// Only the last axis is scaled by data; what is known to be 1 leaves the first as it is.
    @ParameterizedTest
    @CsvSource({
        "nearest, half_pixel, round_prefer_floor",
        "nearest, half_pixel, round_prefer_ceil",
        "nearest, asymmetric, floor",
        "nearest, asymmetric, ceil",
        "nearest, tf_half_pixel_for_nn, floor",
        "linear, half_pixel, floor",
        "linear, half_pixel_symmetric, floor",
        "linear, pytorch_half_pixel, floor",
        "linear, align_corners, floor",
        "cubic, half_pixel, floor",
        "cubic, asymmetric, floor"
    })
    void resizeTakesItsScalesFromTheRun(String mode, String form, String rounding) {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "2", "W")
                                .input("scale", "1")
                                .initializer("one", floats(1))
                                .node(
                                        "Concat",
                                        "c",
                                        List.of("one", "scale"),
                                        List.of("scales"),
                                        OnnxWriter.integer("axis", 0))
                                .node(
                                        "Resize",
                                        "r",
                                        List.of("x", "", "scales"),
                                        List.of("y"),
                                        text("mode", mode),
                                        text("coordinate_transformation_mode", form),
                                        text("nearest_mode", rounding))
                                .output("y"));
        for (float scale : new float[] {2, 0.5f, 1.75f, 0.2f, 1}) {
            var x = Tensor.of(new float[] {1, 7, 4, -3, 2, 9, 8, 0, 5, -6}, 2, 5);
            var y = run(graph, x, floats(scale)).getFirst();
            int width = (int) (5 * scale);
            assertThat(y.shape()).containsExactly(2, width);
            for (int i = 0; i < y.size(); i++) {
                double at = origin(form, i % width, 5, scale);
                double sum = 0;
                for (int k = -5; k < 15; k++) {
                    double element = x.getDouble(i / width * 5 + Math.clamp(k, 0, 4));
                    double weight =
                            mode.equals("nearest")
                                    ? near(rounding, at) == k ? 1 : 0
                                    : kernel(mode, k - at);
                    sum += weight * element;
                }
                assertThat(y.getDouble(i)).isCloseTo(sum, within(1e-4));
            }
        }
    }

    @Test
    void scalesThatAreDataAreNotForCropping() {
        var model =
                new ModelFile()
                        .input("x", "2", "5")
                        .input("scales", "2")
                        .initializer("roi", floats(0, 0, 1, 1))
                        .node(
                                "Resize",
                                "r",
                                List.of("x", "roi", "scales"),
                                List.of("y"),
                                text("coordinate_transformation_mode", "tf_crop_and_resize"))
                        .output("y");
        assertThatThrownBy(() -> graph(model))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "Resize 'r' (model.onnx, node 0): scales: expected known when compiling,"
                                + " where it is cropped, smoothed or leaves out what is outside, got"
                                + " data");
        var three =
                new ModelFile()
                        .input("x", "2", "5")
                        .input("scales", "3")
                        .node("Resize", "r", List.of("x", "", "scales"), List.of("y"))
                        .output("y");
        assertThatThrownBy(() -> graph(three))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("scales: expected 2 entries, got float32[3]");
    }

    @Test
    void sliceTakesItsBoundsFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N")
                                .integers("start", "1")
                                .initializer("end", longs(Long.MAX_VALUE))
                                .node("Slice", "n", List.of("x", "start", "end"), List.of("y"))
                                .output("y"));
        var x = floats(1, 2, 3, 4, 5);
        assertThat(run(graph, x, longs(3)).getFirst().floats()).containsExactly(4, 5);
        assertThat(run(graph, x, longs(-4)).getFirst().floats()).containsExactly(2, 3, 4, 5);
        assertThat(run(graph, x, longs(9)).getFirst().floats()).isEmpty();
    }

    @Test
    void topKTakesItsKFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N")
                                .integers("k", "1")
                                .node("TopK", "n", List.of("x", "k"), List.of("y", "i"))
                                .node("Add", "", List.of("y", "y"), List.of("z"))
                                .output("z")
                                .output("i"));
        var y = run(graph, floats(3, 9, 1, 7), longs(3));
        assertThat(y.get(0).floats()).containsExactly(18, 14, 6);
        assertThat(y.get(1).longs()).containsExactly(1, 3, 0);
        assertThat(run(graph, floats(3, 9), longs(3)).getFirst().floats()).containsExactly(18, 6);
    }

    @Test
    void splitTakesItsSizesFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "5")
                                .integers("sizes", "2")
                                .node("Split", "n", List.of("x", "sizes"), List.of("a", "b"))
                                .output("a")
                                .output("b"));
        var y = run(graph, floats(1, 2, 3, 4, 5), longs(4, 1));
        assertThat(y.get(0).floats()).containsExactly(1, 2, 3, 4);
        assertThat(y.get(1).floats()).containsExactly(5);
    }

    @Test
    void expandTakesItsShapeFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "2", "1")
                                .integers("shape", "3")
                                .node("Expand", "n", List.of("x", "shape"), List.of("y"))
                                .output("y"));
        var x = Tensor.of(new float[] {1, 2}, 2, 1);
        var y = run(graph, x, longs(1, 1, 3)).getFirst();
        assertThat(y.shape()).containsExactly(1, 2, 3);
        assertThat(y.floats()).containsExactly(1, 1, 1, 2, 2, 2);
        assertThat(run(graph, x, longs(2, 2, 1)).getFirst().floats()).containsExactly(1, 2, 1, 2);
        assertThat(run(graph, x, longs(0, 1, 5)).getFirst().shape()).containsExactly(0, 2, 5);
        assertThatThrownBy(() -> run(graph, x, longs(1, 4, 1)))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "Measure 'n': size 'n.extent.0': expected 0 or more, as data says it, got"
                                + " -1");
    }

    /// An extent that another operator has measured is known where no operand has it.
    @Test
    void whatWasMeasuredIsKnownToOthers() {
        var graph =
                graph(
                        new ModelFile()
                                .integers("n")
                                .integers("shape", "2")
                                .initializer("zero", longs(0).reshape())
                                .initializer("one", longs(1).reshape())
                                .node("Range", "r", List.of("zero", "n", "one"), List.of("x"))
                                .node("Expand", "n", List.of("x", "shape"), List.of("y"))
                                .output("y"));
        var y = run(graph, longs(3).reshape(), longs(2, 1)).getFirst();
        assertThat(y.shape()).containsExactly(2, 3);
        assertThat(y.longs()).containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(run(graph, longs(1).reshape(), longs(1, 1)).getFirst().longs())
                .containsExactly(0);
        assertThatThrownBy(() -> run(graph, longs(3).reshape(), longs(1, 4)))
                .hasMessageEndingWith("expected 0 or more, as data says it, got -1");
    }

    @Test
    void constantOfShapeTakesItsShapeFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .integers("rows", "1")
                                .initializer("two", longs(2))
                                .node(
                                        "Concat",
                                        "",
                                        List.of("rows", "two"),
                                        List.of("shape"),
                                        OnnxWriter.integer("axis", 0))
                                .node("ConstantOfShape", "n", List.of("shape"), List.of("y"))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[n.extent.0, 2]");
        assertThat(run(graph, longs(3)).getFirst().floats()).containsExactly(0, 0, 0, 0, 0, 0);
        assertThat(run(graph, longs(0)).getFirst().shape()).containsExactly(0, 2);
        assertThatThrownBy(() -> run(graph, longs(-2))).hasMessageEndingWith(", got -1");
    }

    @Test
    void tileTakesItsRepeatsFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N", "2")
                                .integers("repeats", "2")
                                .node("Tile", "n", List.of("x", "repeats"), List.of("y"))
                                .output("y"));
        var x = Tensor.of(new float[] {1, 2}, 1, 2);
        assertThat(run(graph, x, longs(2, 1)).getFirst().floats()).containsExactly(1, 2, 1, 2);
        var y = run(graph, x, longs(1, 2)).getFirst();
        assertThat(y.shape()).containsExactly(1, 4);
        assertThat(y.floats()).containsExactly(1, 2, 1, 2);
    }

    /// 0 copies an extent, −1 is what is left.
    @Test
    void reshapeTakesItsShapeFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "2", "6")
                                .integers("shape", "3")
                                .node("Reshape", "n", List.of("x", "shape"), List.of("y"))
                                .output("y"));
        var x = floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12).reshape(2, 6);
        for (var shapes :
                List.of(
                        List.of(longs(3, 2, 2), longs(3, 2, 2)),
                        List.of(longs(-1, 6, 1), longs(2, 6, 1)),
                        List.of(longs(0, 3, -1), longs(2, 3, 2)),
                        List.of(longs(0, 0, 1), longs(2, 6, 1)))) {
            var y = run(graph, x, shapes.get(0)).getFirst();
            assertThat(Arrays.stream(y.shape()).asLongStream().toArray())
                    .isEqualTo(shapes.get(1).longs());
            assertThat(y.floats()).isEqualTo(x.floats());
        }
        for (var wrong :
                List.of(longs(5, 1, 2), longs(-1, -1, 3), longs(-1, 5, 1), longs(-2, -6, 1)))
            assertThatThrownBy(() -> run(graph, x, wrong))
                    .isInstanceOf(GraphException.class)
                    .hasMessageStartingWith("Measure 'n': size 'n.extent.0': expected 0 or more");
    }

    @Test
    void rangeTakesItsBoundsFromTheRun() {
        for (var dtype :
                List.of(DType.INT64, DType.INT32, DType.FLOAT32, DType.INT16, DType.FLOAT16)) {
            var graph =
                    graph(
                            new ModelFile()
                                    .input("start", TensorType.of(dtype))
                                    .input("limit", TensorType.of(dtype))
                                    .input("delta", TensorType.of(dtype))
                                    .node(
                                            "Range",
                                            "n",
                                            List.of("start", "limit", "delta"),
                                            List.of("y"))
                                    .output("y"));
            assertThat(numbers(graph, dtype, 0, 3, 1)).containsExactly(0, 1, 2);
            assertThat(numbers(graph, dtype, 2, 9, 3)).containsExactly(2, 5, 8);
            assertThat(numbers(graph, dtype, 5, -2, -3)).containsExactly(5, 2, -1);
            assertThat(numbers(graph, dtype, 5, 7, -1)).isEmpty();
            assertThatThrownBy(() -> numbers(graph, dtype, 1, 2, 0))
                    .hasMessageContaining("expected 0 or more, as data says it, got -1");
        }
    }

    private static double[] numbers(Graph graph, DType dtype, double... bounds) {
        var inputs = new Tensor[3];
        for (int i = 0; i < 3; i++) inputs[i] = Tensor.scalar(dtype, bounds[i]);
        var y = run(graph, inputs).getFirst();
        var numbers = new double[y.size()];
        for (int i = 0; i < numbers.length; i++) numbers[i] = y.getDouble(i);
        return numbers;
    }

    /// Nothing else is as wide as what is counted from 0.
    @Test
    void rangeFromZeroIsCountedInThirtyTwoBits() {
        var graph =
                graph(
                        new ModelFile()
                                .integers("n", "1")
                                .initializer("zero", longs(0).reshape())
                                .initializer("one", longs(1).reshape())
                                .node("Range", "n", List.of("zero", "n", "one"), List.of("y"))
                                .output("y"));
        assertThat(run(graph, longs(4)).getFirst().longs()).containsExactly(0, 1, 2, 3);
        assertThat(run(graph, longs(-4)).getFirst().longs()).isEmpty();
    }

    @Test
    void padTakesItsPadsFromTheRun() {
        for (var mode : List.of("constant", "edge", "reflect", "wrap")) {
            var graph =
                    graph(
                            new ModelFile()
                                    .opset(18)
                                    .input("x", "2", "3")
                                    .integers("pads", "2")
                                    .initializer("axes", longs(-1))
                                    .node(
                                            "Pad",
                                            "n",
                                            List.of("x", "pads", "", "axes"),
                                            List.of("y"),
                                            text("mode", mode))
                                    .output("y"));
            var x = floats(1, 2, 3, 4, 5, 6).reshape(2, 3);
            assertThat(run(graph, x, longs(0, 0)).getFirst().floats()).isEqualTo(x.floats());
            assertThat(run(graph, x, longs(-1, 0)).getFirst().floats()).containsExactly(2, 3, 5, 6);
            var y = run(graph, x, longs(2, 1)).getFirst();
            assertThat(y.shape()).containsExactly(2, 6);
            assertThat(y.floats())
                    .startsWith(
                            switch (mode) {
                                case "constant" -> new float[] {0, 0, 1, 2, 3, 0, 0, 0, 4};
                                case "edge" -> new float[] {1, 1, 1, 2, 3, 3, 4, 4, 4};
                                case "reflect" -> new float[] {3, 2, 1, 2, 3, 2, 6, 5, 4};
                                default -> new float[] {2, 3, 1, 2, 3, 1, 5, 6, 4};
                            });
            assertThatThrownBy(() -> run(graph, x, longs(-2, -2)))
                    .hasMessageContaining("size 'n.extent.1': expected 0 or more");
        }
    }

    @Test
    void oneHotTakesItsDepthFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .integers("x", "2")
                                .integers("depth", "1")
                                .initializer("values", floats(0, 5))
                                .node("OneHot", "n", List.of("x", "depth", "values"), List.of("y"))
                                .output("y"));
        var y = run(graph, longs(-1, 0), longs(3)).getFirst();
        assertThat(y.shape()).containsExactly(2, 3);
        assertThat(y.floats()).containsExactly(0, 0, 5, 5, 0, 0);
        assertThat(run(graph, longs(1, 7), longs(2)).getFirst().floats())
                .containsExactly(0, 5, 0, 0);
    }

    /// What shapes say is known in terms of their symbols: nothing is measured. {@return a matrix
    /// cut or padded to a shape, the odd row or column behind it}
    private static float[] centred(float[] x, int rows, int columns, int height, int width) {
        var y = new float[height * width];
        int top = height > rows ? (height - rows) / 2 : -((rows - height) / 2);
        int left = width > columns ? (width - columns) / 2 : -((columns - width) / 2);
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) {
                int row = r + top;
                int column = c + left;
                if (row >= 0 && row < height && column >= 0 && column < width)
                    y[row * width + column] = x[r * columns + c];
            }
        return y;
    }

    private static Tensor ramp(int rows, int columns) {
        var x = Tensor.zeros(DType.FLOAT32, rows, columns);
        for (int i = 0; i < x.size(); i++) x.floats()[i] = i + 1;
        return x;
    }

    @Test
    void centerCropPadTakesItsShapeFromTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .opset(18)
                                .input("x", "3", "4")
                                .input("shape", TensorType.of(DType.INT64, 2))
                                .node("CenterCropPad", "n", List.of("x", "shape"), List.of("y"))
                                .output("y"));
        for (var wanted : new int[][] {{5, 1}, {6, 7}, {2, 4}, {1, 9}, {0, 3}}) {
            var y = run(graph, ramp(3, 4), longs(wanted[0], wanted[1])).getFirst();
            assertThat(y.shape()).containsExactly(wanted);
            assertThat(y.floats())
                    .containsExactly(centred(ramp(3, 4).floats(), 3, 4, wanted[0], wanted[1]));
        }
        assertThatThrownBy(() -> run(graph, ramp(3, 4), longs(-1, 2)))
                .isInstanceOf(GraphException.class);
    }

    @Test
    void centerCropPadOfAxesOfAnySize() {
        var graph =
                graph(
                        new ModelFile()
                                .opset(18)
                                .input("x", "H", "W")
                                .input("z", "K", "2")
                                .initializer("four", longs(4))
                                .node("Shape", "", List.of("z"), List.of("shape"))
                                .node(
                                        "CenterCropPad",
                                        "n",
                                        List.of("x", "four"),
                                        List.of("y"),
                                        OnnxWriter.integers("axes", -1))
                                .node("CenterCropPad", "m", List.of("x", "shape"), List.of("w"))
                                .output("y")
                                .output("w"));
        for (var extents : new int[][] {{3, 7}, {2, 3}, {1, 4}}) {
            var x = ramp(extents[0], extents[1]);
            var given = run(graph, x, ramp(5, 2));
            assertThat(given.get(0).floats())
                    .containsExactly(centred(x.floats(), extents[0], extents[1], extents[0], 4));
            assertThat(given.get(1).floats())
                    .containsExactly(centred(x.floats(), extents[0], extents[1], 5, 2));
        }
    }

    @Test
    void eyeLikeHasTheExtentsOfTheRun() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "H", "W")
                                .node(
                                        "EyeLike",
                                        "n",
                                        List.of("x"),
                                        List.of("y"),
                                        OnnxWriter.integer("k", -1),
                                        OnnxWriter.integer("dtype", 6))
                                .output("y"));
        assertThat(run(graph, ramp(3, 2)).getFirst().ints()).containsExactly(0, 0, 1, 0, 0, 1);
        assertThat(run(graph, ramp(1, 3)).getFirst().ints()).containsExactly(0, 0, 0);
    }

    @Test
    void extentsOfOthersAreNotMeasured() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N", "3")
                                .node("Shape", "", List.of("x"), List.of("shape"))
                                .node("ConstantOfShape", "n", List.of("shape"), List.of("y"))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[N, 3]");
        var x = Tensor.zeros(DType.FLOAT32, 2, 3);
        assertThat(run(graph, x).getFirst().shape()).containsExactly(2, 3);
    }

    /// What is offered is bound: the shapes are known then.
    @Test
    void whatIsOfferedIsNotMeasured() {
        var model =
                new ModelFile()
                        .input("x", "5")
                        .integers("k", "1")
                        .node("TopK", "n", List.of("x", "k"), List.of("y", "i"))
                        .output("y");
        var importer = OnnxImporter.read(model.write(directory));
        var graph = importer.bindWhereNeeded(Map.of("k", longs(2))).graph();
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[2]");
        assertThat(graph.inputs()).hasSize(1);
    }

    private static Fields branch(String name, String output, byte[]... nodes) {
        return ModelFile.graph(name, List.of(), List.of(nodes), List.of(output));
    }

    private static byte[] node(String operator, List<String> inputs, String output) {
        return OnnxWriter.node("", operator, inputs, List.of(output), List.of());
    }

    private static ModelFile condition() {
        return new ModelFile()
                .input("x", "3")
                .initializer("zero", longs(0))
                .initializer("two", longs(2))
                .initializer("none", Tensor.scalar(DType.FLOAT32, 0))
                .node(
                        "ReduceSum",
                        "",
                        List.of("x"),
                        List.of("sum"),
                        OnnxWriter.integer("keepdims", 0))
                .node("Less", "", List.of("none", "sum"), List.of("which"));
    }

    @Test
    void branchesMayHaveOtherExtents() {
        var graph =
                graph(
                        condition()
                                .node(
                                        "If",
                                        "n",
                                        List.of("which"),
                                        List.of("y"),
                                        branch(
                                                "then_branch",
                                                "a",
                                                node("Slice", List.of("x", "zero", "two"), "a")),
                                        branch("else_branch", "b", node("Neg", List.of("x"), "b")))
                                .node("Add", "", List.of("y", "y"), List.of("z"))
                                .output("z"));
        assertThat(run(graph, floats(1, 2, 3)).getFirst().floats()).containsExactly(2, 4);
        assertThat(run(graph, floats(-1, -2, 0)).getFirst().floats()).containsExactly(2, 4, -0f);
    }

    @Test
    void branchesOfOtherRanksAreRefused() {
        var model =
                condition()
                        .node(
                                "If",
                                "n",
                                List.of("which"),
                                List.of("y"),
                                branch(
                                        "then_branch",
                                        "a",
                                        node("Unsqueeze", List.of("x", "zero"), "a")),
                                branch("else_branch", "b", node("Neg", List.of("x"), "b")))
                        .output("y");
        assertThatThrownBy(() -> graph(model))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "If 'n' (model.onnx, node 2): cond: expected branches of one rank and dtype,"
                                + " got float32[1, 3] and float32[3]");
    }

    /// A size of a body has another name each time the body is written out.
    @Test
    void eachTurnMeasuresItsOwn() {
        var body =
                ModelFile.graph(
                        "body",
                        List.of("i", "c", "x"),
                        List.of(
                                node("NonZero", List.of("x"), "places"),
                                node("Sub", List.of("x", "one"), "less"),
                                node("Relu", List.of("less"), "y"),
                                node("ReduceSum", List.of("places"), "s"),
                                node("Identity", List.of("c"), "d")),
                        List.of("d", "y", "s"));
        var graph =
                graph(
                        new ModelFile()
                                .input("x0", "4")
                                .initializer("one", Tensor.scalar(DType.FLOAT32, 1))
                                .initializer("three", longs(3).reshape())
                                .node(
                                        "Loop",
                                        "n",
                                        List.of("three", "", "x0"),
                                        List.of("x3", "sums"),
                                        body)
                                .output("sums"));
        var sums = run(graph, floats(1, 2, 3, 1)).getFirst();
        assertThat(sums.longs()).containsExactly(0 + 1 + 2 + 3, 1 + 2, 2);
    }
}
