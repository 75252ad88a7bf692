package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Complex tensors, which the graph does not know, against values written out by hand: x is
/// `[[1+10i, 2+20i, 3+30i], [4+40i, 5+50i, 6+60i]]`, w is `[[7-7i, 8-8i, 9-9i]]`.
class OnnxComplexTest {
    private static final float[] X = {1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60};
    private static final float[] W = {7, -7, 8, -8, 9, -9};

    @TempDir Path directory;

    private static Tensor complex(float[] pairs, int... shape) {
        return Tensor.of(DType.COMPLEX64, pairs, shape);
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    private static Fields constant(Tensor tensor) {
        return out -> {
            out.writeString(1, "value");
            out.writeByteArray(5, OnnxWriter.tensor("", tensor));
            out.writeInt32(20, 4);
        };
    }

    private static ModelFile model() {
        return new ModelFile()
                .opset(21)
                .initializer("w", complex(W, 1, 3))
                .node("Constant", "", List.of(), List.of("x"), constant(complex(X, 2, 3)));
    }

    private List<Tensor> run(ModelFile model, Tensor... inputs) {
        var graph = OnnxImporter.read(model.write(directory)).graph();
        return Interpreter.run(graph, List.of(inputs));
    }

    /// Runs a model whose output is "y".
    private Tensor y(ModelFile model, Tensor... inputs) {
        return run(model.output("y"), inputs).getFirst();
    }

    private static void expect(Tensor actual, String shape, float... pairs) {
        assertThat(actual.dtype() + Arrays.toString(actual.shape())).isEqualTo("float32" + shape);
        assertThat(actual.floats()).containsExactly(pairs);
    }

    @Test
    void constantsAndWhatMovesThem() {
        expect(
                y(model().node("Transpose", "", List.of("x"), List.of("y"))),
                "[3, 2, 2]",
                new float[] {1, 10, 4, 40, 2, 20, 5, 50, 3, 30, 6, 60});
        expect(
                y(
                        model().node(
                                        "Concat",
                                        "",
                                        List.of("x", "w"),
                                        List.of("y"),
                                        OnnxWriter.integer("axis", 0))),
                "[3, 3, 2]",
                new float[] {1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, -7, 8, -8, 9, -9});
        expect(
                y(
                        model().initializer("starts", longs(0, 1))
                                .initializer("ends", longs(2, 3))
                                .node("Slice", "", List.of("x", "starts", "ends"), List.of("y"))),
                "[2, 2, 2]",
                new float[] {2, 20, 3, 30, 5, 50, 6, 60});
        expect(
                y(
                        model().initializer("at", longs(2, 0))
                                .node(
                                        "Gather",
                                        "",
                                        List.of("x", "at"),
                                        List.of("y"),
                                        OnnxWriter.integer("axis", 1))),
                "[2, 2, 2]",
                new float[] {3, 30, 1, 10, 6, 60, 4, 40});
        var mask = Tensor.of(new boolean[] {true, false, true, false, true, false}, 2, 3);
        expect(
                y(
                        model().initializer("mask", mask)
                                .node("Where", "", List.of("mask", "x", "w"), List.of("y"))),
                "[2, 3, 2]",
                new float[] {1, 10, 8, -8, 3, 30, 7, -7, 5, 50, 9, -9});
        expect(
                y(
                        model().initializer("shape", longs(3, -1))
                                .node("Reshape", "", List.of("x", "shape"), List.of("y"))),
                "[3, 2, 2]",
                X);
    }

    @Test
    void paddingIsComplexToo() {
        var zeros =
                model().initializer("pads", longs(0, 1, 0, 0))
                        .node("Pad", "", List.of("x", "pads"), List.of("y"));
        expect(
                y(zeros),
                "[2, 4, 2]",
                new float[] {0, 0, 1, 10, 2, 20, 3, 30, 0, 0, 4, 40, 5, 50, 6, 60});
        var given =
                model().initializer("pads", longs(0, 0, 0, 1))
                        .initializer("c", complex(new float[] {0.5f, -2}))
                        .node("Pad", "", List.of("w", "pads", "c"), List.of("y"));
        expect(y(given), "[1, 4, 2]", new float[] {7, -7, 8, -8, 9, -9, 0.5f, -2});
    }

    @Test
    void shapesAreThoseOfComplexNumbers() {
        var outputs =
                run(
                        model().node("Shape", "", List.of("x"), List.of("s"))
                                .node("Size", "", List.of("x"), List.of("n"))
                                .node(
                                        "ConstantOfShape",
                                        "",
                                        List.of("s"),
                                        List.of("c"),
                                        constant(complex(new float[] {2, -3}, 1)))
                                .output("s")
                                .output("n")
                                .output("c"));
        assertThat(outputs.get(0).longs()).containsExactly(2, 3);
        assertThat(outputs.get(1).longs()).containsExactly(6);
        expect(outputs.get(2), "[2, 3, 2]", new float[] {2, -3, 2, -3, 2, -3, 2, -3, 2, -3, 2, -3});
    }

    @Test
    void complex128HasPartsOfFloat64() {
        var pairs = new double[] {1e300, -1e-300, 2, 1 / 3.0};
        var y =
                y(
                        new ModelFile()
                                .opset(21)
                                .initializer("x", Tensor.of(DType.COMPLEX128, pairs, 2))
                                .initializer("at", longs(1, 0))
                                .node("Gather", "", List.of("x", "at"), List.of("y")));
        assertThat(y.dtype() + Arrays.toString(y.shape())).isEqualTo("float64[2, 2]");
        assertThat(y.doubles()).containsExactly(2, 1 / 3.0, 1e300, -1e-300);
    }

    @Test
    void inputsAndOutputsHaveTheirPartsAlongALastAxis() {
        var shape = new Shape(List.of(Dimension.symbol("n"), Dimension.of(3)));
        var file =
                model().input("z", new TensorType(DType.COMPLEX64, shape))
                        .node(
                                "Concat",
                                "",
                                List.of("w", "z"),
                                List.of("y"),
                                OnnxWriter.integer("axis", 0))
                        .output("y");
        var graph = OnnxImporter.read(file.write(directory)).graph();
        assertThat(graph.inputs().getFirst()).hasToString("z: float32[n, 3, 2]");
        expect(
                Interpreter.run(graph, List.of(Tensor.of(X, 2, 3, 2))).getFirst(),
                "[3, 3, 2]",
                new float[] {7, -7, 8, -8, 9, -9, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60});
        var bound = OnnxImporter.read(file.write(directory)).bind("z", complex(W, 1, 3)).graph();
        assertThat(bound.inputs()).isEmpty();
        expect(
                Interpreter.run(bound, List.of()).getFirst(),
                "[2, 3, 2]",
                new float[] {7, -7, 8, -8, 9, -9, 7, -7, 8, -8, 9, -9});
    }

    @Test
    void sequencesHoldThem() {
        var model =
                model().node(
                                "SplitToSequence",
                                "",
                                List.of("x"),
                                List.of("s"),
                                OnnxWriter.integer("keepdims", 0))
                        .output("s");
        var rows = run(model);
        assertThat(rows).hasSize(2);
        expect(rows.get(0), "[3, 2]", new float[] {1, 10, 2, 20, 3, 30});
        expect(rows.get(1), "[3, 2]", new float[] {4, 40, 5, 50, 6, 60});
    }

    @Test
    void aConditionOfDataChoosesBetweenThem() {
        var gather = List.of(OnnxWriter.integer("axis", 1));
        var turned = OnnxWriter.node("", "Gather", List.of("w", "at"), List.of("t"), gather);
        var same = OnnxWriter.node("", "Identity", List.of("w"), List.of("e"), List.of());
        var model =
                model().input("c", TensorType.of(DType.BOOL))
                        .initializer("at", longs(2, 1, 0))
                        .node(
                                "If",
                                "",
                                List.of("c"),
                                List.of("y"),
                                ModelFile.graph(
                                        "then_branch", List.of(), List.of(turned), List.of("t")),
                                ModelFile.graph(
                                        "else_branch", List.of(), List.of(same), List.of("e")))
                        .output("y");
        var yes = Tensor.of(new boolean[] {true}).reshape();
        var no = Tensor.of(new boolean[] {false}).reshape();
        expect(run(model, yes).getFirst(), "[1, 3, 2]", new float[] {9, -9, 8, -8, 7, -7});
        expect(run(model, no).getFirst(), "[1, 3, 2]", W);
    }

    /// A loop that turns w by one place and keeps what each step gives.
    private static ModelFile turning(long steps) {
        var gather = List.of(OnnxWriter.integer("axis", 1));
        var turned = OnnxWriter.node("", "Gather", List.of("z", "at"), List.of("t"), gather);
        return model().initializer("at", longs(1, 2, 0))
                .initializer("m", Tensor.of(new long[] {steps}).reshape())
                .node(
                        "Loop",
                        "",
                        List.of("m", "", "w"),
                        List.of("z", "rows"),
                        ModelFile.graph(
                                "body",
                                List.of("i", "c", "z"),
                                List.of(turned),
                                List.of("c", "t", "t")))
                .output("z")
                .output("rows");
    }

    @Test
    void aLoopCarriesThem() {
        var outputs = run(turning(2));
        expect(outputs.get(0), "[1, 3, 2]", new float[] {9, -9, 7, -7, 8, -8});
        expect(
                outputs.get(1),
                "[2, 1, 3, 2]",
                new float[] {8, -8, 9, -9, 7, -7, 9, -9, 7, -7, 8, -8});
        var none = run(turning(0));
        expect(none.get(0), "[1, 3, 2]", W);
        expect(none.get(1), "[0, 1, 3, 2]");
    }

    private void refuses(String end, ModelFile model) {
        assertThatThrownBy(() -> y(model))
                .isInstanceOf(GraphException.class)
                .message()
                .endsWith(end);
    }

    @Test
    void arithmeticIsRefused() {
        assertThatThrownBy(() -> y(model().node("Add", "sum", List.of("x", "w"), List.of("y"))))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "Add 'sum' (model.onnx, node 1): input 0: expected a real tensor, got"
                                + " complex64[2, 3]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Abs",
                "Neg",
                "Relu",
                "Floor",
                "IsNaN",
                "EyeLike",
                "RandomNormalLike",
                "Softmax",
                "ReduceSum"
            })
    void whatComputesWithOneIsRefused(String operator) {
        refuses(
                "expected a real tensor, got complex64[2, 3]",
                model().node(operator, "", List.of("x"), List.of("y")));
    }

    @ParameterizedTest
    @CsvSource({"Equal", "Max", "Sub", "CastLike"})
    void whatComputesWithTwoIsRefused(String operator) {
        refuses(
                "expected a real tensor, got complex64[1, 3]",
                model().node(operator, "", List.of("w", "w"), List.of("y")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cast", "BitCast"})
    void theyAreNoOtherNumbers(String operator) {
        refuses(
                "input 0: expected a real tensor, got complex64[2, 3]",
                model().node(
                                operator,
                                "",
                                List.of("x"),
                                List.of("y"),
                                OnnxWriter.integer("to", 1)));
    }

    @Test
    void realAndComplexNumbersDoNotMix() {
        refuses(
                "input 0: expected a real tensor, got complex64[2, 3]",
                model().initializer("r", Tensor.of(new float[] {1, 2, 3}, 1, 3))
                        .node(
                                "Concat",
                                "",
                                List.of("x", "r"),
                                List.of("y"),
                                OnnxWriter.integer("axis", 0)));
    }

    @Test
    void aLoopThatDataCountsCarriesRealNumbers() {
        var same = OnnxWriter.node("", "Identity", List.of("z"), List.of("t"), List.of());
        assertThatThrownBy(() ->
                        y(
                                model().input("m", TensorType.of(DType.INT64))
                                        .node(
                                                "Loop",
                                                "",
                                                List.of("m", "", "w"),
                                                List.of("y"),
                                                ModelFile.graph(
                                                        "body",
                                                        List.of("i", "c", "z"),
                                                        List.of(same),
                                                        List.of("c", "t")))))
                .isInstanceOf(GraphException.class)
                .message()
                .contains("expected states of numbers where M or cond depends on data");
    }
}
