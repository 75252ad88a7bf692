package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Models that compute shapes and bounds from extents which are symbols.
class OnnxSymbolTest {
    private static final Dimension T = Dimension.symbol("T");

    @TempDir Path directory;

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor scalar(long value) {
        return longs(value).reshape();
    }

    private Graph graph(ModelFile model) {
        return OnnxImporter.read(model.write(directory)).graph();
    }

    private static Tensor ramp(int... shape) {
        var x = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < x.size(); i++) x.floats()[i] = i;
        return x;
    }

    private static Tensor run(Graph graph, Tensor... inputs) {
        return Interpreter.run(graph, List.of(inputs)).getFirst();
    }

    /// As BERT's positions: a table of five, cut to min(T, 9), added to T rows.
    @Test
    void aTableThatIsCutToTheLengthOfASequence() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "T", "2")
                                .initializer("table", ramp(5, 2))
                                .initializer("most", Tensor.of(new float[] {9, 2}, 2))
                                .initializer("zeros", longs(0, 0))
                                .node("Shape", "s", List.of("x"), List.of("shape"))
                                .node(
                                        "Cast",
                                        "f",
                                        List.of("shape"),
                                        List.of("floats"),
                                        OnnxWriter.integer("to", 1))
                                .node("Min", "m", List.of("floats", "most"), List.of("least"))
                                .node(
                                        "Cast",
                                        "i",
                                        List.of("least"),
                                        List.of("ends"),
                                        OnnxWriter.integer("to", 7))
                                .node(
                                        "Slice",
                                        "cut",
                                        List.of("table", "zeros", "ends"),
                                        List.of("rows"))
                                .node("Add", "a", List.of("x", "rows"), List.of("y"))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type().shape())
                .isEqualTo(Shape.of(T, Dimension.of(2)));
        assertThat(run(graph, ramp(3, 2)).floats()).containsExactly(0, 2, 4, 6, 8, 10);
        assertThatThrownBy(() -> run(graph, ramp(6, 2)))
                .isInstanceOf(GraphException.class)
                .hasMessage("Graph: sizes: expected T = min(5,T), got 6 and 5 with {T=6}");
    }

    /// Symbols are never 1, so that one beside a number is that number; one beside another is the
    /// first.
    @Test
    void sizesThatAreAddedToOthersAreTheirs() {
        var graph =
                graph(
                        new ModelFile()
                                .input("a", "N", "4", "K")
                                .input("b", "2", "M", "L")
                                .initializer("shape", longs(3, 2, 4, 1))
                                .node("Add", "", List.of("a", "b"), List.of("sum"))
                                .node("Expand", "", List.of("sum", "shape"), List.of("y"))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type().shape())
                .isEqualTo(
                        Shape.of(
                                Dimension.of(3),
                                Dimension.of(2),
                                Dimension.of(4),
                                Dimension.symbol("K")));
        var y = run(graph, ramp(2, 4, 1), ramp(2, 4, 1)).floats();
        assertThat(y).hasSize(24).startsWith(0, 2, 4, 6, 8, 10, 12, 14, 0, 2);
        assertThatThrownBy(() -> run(graph, ramp(3, 4, 1), ramp(2, 4, 1)))
                .hasMessage("Graph: sizes: expected 2 = N, got 2 and 3 with {K=1, L=1, M=4, N=3}");
        assertThatThrownBy(() -> run(graph, ramp(2, 4, 5), ramp(2, 4, 6)))
                .hasMessage("Graph: sizes: expected K = L, got 5 and 6 with {K=5, L=6, M=4, N=2}");
    }

    /// As in networks that halve an image and double it again: equal where the size can be halved.
    @Test
    void sizesThatAreJoinedAreTheSame() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "T", "2")
                                .input("y", "4", "K")
                                .node(
                                        "Concat",
                                        "",
                                        List.of("x", "y"),
                                        List.of("z"),
                                        OnnxWriter.integer("axis", -1))
                                .output("z"));
        assertThat(graph.outputs().getFirst().type().shape())
                .isEqualTo(Shape.of(Dimension.of(4), Dimension.symbol("K").plus(2)));
        assertThat(run(graph, ramp(4, 2), ramp(4, 1)).floats())
                .containsExactly(0, 1, 0, 2, 3, 1, 4, 5, 2, 6, 7, 3);
        assertThatThrownBy(() -> run(graph, ramp(3, 2), ramp(4, 1)))
                .hasMessage("Graph: sizes: expected 4 = T, got 4 and 3 with {K=1, T=3}");
    }

    /// int64 that a target of 32 bits takes, since it is evaluated with the sizes.
    @Test
    void productsOfExtentsAreNoArithmeticOfTheTarget() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N", "3", "T")
                                .initializer("first", longs(0, 1))
                                .initializer("second", longs(1))
                                .node("Shape", "", List.of("x"), List.of("shape"))
                                .node(
                                        "ReduceProd",
                                        "",
                                        List.of("shape"),
                                        List.of("all"),
                                        OnnxWriter.integer("keepdims", 0))
                                .node("Gather", "", List.of("shape", "first"), List.of("two"))
                                .node("Mul", "", List.of("two", "all"), List.of("products"))
                                .node("Gather", "", List.of("shape", "second"), List.of("three"))
                                .node("Add", "", List.of("products", "three"), List.of("sums"))
                                .node(
                                        "Cast",
                                        "",
                                        List.of("sums"),
                                        List.of("y"),
                                        OnnxWriter.integer("to", 1))
                                .output("y"));
        assertThat(graph.nodes().stream().map(node -> node.op().name()))
                .containsExactly("Extents", "Cast");
        assertThat(run(graph, ramp(2, 3, 5)).floats()).containsExactly(63, 93);
    }

    /// As exporters remove an axis whose size they do not know.
    @Test
    void theBranchForOneSizeIsTakenAndOtherSizesAreRefused() {
        var squeeze = OnnxWriter.node("", "Squeeze", List.of("x", "axis"), List.of("s"), List.of());
        var same = OnnxWriter.node("", "Identity", List.of("x"), List.of("i"), List.of());
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N", "T")
                                .initializer("axis", longs(1))
                                .initializer("one", scalar(1))
                                .initializer("index", scalar(1))
                                .node("Shape", "", List.of("x"), List.of("shape"))
                                .node("Gather", "", List.of("shape", "index"), List.of("size"))
                                .node("Equal", "", List.of("size", "one"), List.of("single"))
                                .node(
                                        "If",
                                        "",
                                        List.of("single"),
                                        List.of("y"),
                                        ModelFile.graph(
                                                "then_branch",
                                                List.of(),
                                                List.of(squeeze),
                                                List.of("s")),
                                        ModelFile.graph(
                                                "else_branch",
                                                List.of(),
                                                List.of(same),
                                                List.of("i")))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type().shape())
                .isEqualTo(Shape.of(Dimension.symbol("N")));
        assertThat(run(graph, ramp(3, 1)).floats()).containsExactly(0, 1, 2);
        assertThatThrownBy(() -> run(graph, ramp(3, 2)))
                .hasMessage("Graph: sizes: expected 1 = T, got 1 and 2 with {N=3, T=2}");
    }

    /// The initial state is of as many sequences as there are.
    @ParameterizedTest
    @CsvSource({"RNN, 1", "GRU, 3", "LSTM, 4"})
    void statesOfRecurrentNetworks(String operator, int gates) {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "3", "N", "2")
                                .input("h", "1", "M", "2")
                                .initializer("W", Tensor.zeros(DType.FLOAT32, 1, 2 * gates, 2))
                                .initializer("R", Tensor.zeros(DType.FLOAT32, 1, 2 * gates, 2))
                                .node(
                                        operator,
                                        "",
                                        List.of("x", "W", "R", "", "", "h"),
                                        List.of("", "y"),
                                        OnnxWriter.integer("hidden_size", 2))
                                .output("y"));
        assertThat(run(graph, ramp(3, 4, 2), ramp(1, 4, 2)).size()).isEqualTo(8);
        assertThatThrownBy(() -> run(graph, ramp(3, 4, 2), ramp(1, 5, 2)))
                .hasMessage("Graph: sizes: expected N = M, got 4 and 5 with {M=5, N=4}");
    }

    /// As GPT-2's: positions from the length of the past on, and the mask's row for them.
    @Test
    void positionsAndMaskBehindAPast() {
        var graph =
                graph(
                        new ModelFile()
                                .input("past", "P", "1")
                                .input("x", "T", "1")
                                .initializer("mask", ramp(4, 4))
                                .initializer("0", scalar(0))
                                .initializer("1", scalar(1))
                                .initializer("axis", longs(0))
                                .initializer("axis1", longs(1))
                                .node("Shape", "", List.of("past"), List.of("ps"))
                                .node("Gather", "", List.of("ps", "0"), List.of("p"))
                                .node("Shape", "", List.of("x"), List.of("xs"))
                                .node("Gather", "", List.of("xs", "0"), List.of("t"))
                                .node("Add", "", List.of("p", "t"), List.of("all"))
                                .node("Range", "", List.of("p", "all", "1"), List.of("positions"))
                                .node("Unsqueeze", "", List.of("p", "axis"), List.of("start"))
                                .node("Unsqueeze", "", List.of("all", "axis"), List.of("end"))
                                .node(
                                        "Slice",
                                        "",
                                        List.of("mask", "start", "end", "axis"),
                                        List.of("rows"))
                                .node(
                                        "Slice",
                                        "",
                                        List.of("rows", "axis", "end", "axis1"),
                                        List.of("part"))
                                .output("positions")
                                .output("part"));
        var made = Interpreter.run(graph, List.of(ramp(1, 1), ramp(2, 1)));
        assertThat(made.get(0).longs()).containsExactly(1, 2);
        assertThat(made.get(1).floats()).containsExactly(4, 5, 6, 8, 9, 10);
        assertThat(graph.outputs().get(0).type().shape()).isEqualTo(Shape.of(T));
        made = Interpreter.run(graph, List.of(ramp(3, 1), ramp(2, 1)));
        assertThat(made.get(1).shape()).containsExactly(1, 4);
    }

    /// As PyTorch's `expand`: −1 in a shape, which is found by comparison, means 1.
    @Test
    void comparisonsThatSymbolsDecide() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "1", "2")
                                .input("like", "T")
                                .initializer("two", longs(2))
                                .initializer("minus", longs(-1))
                                .initializer("one", longs(1))
                                .initializer("count", longs(2))
                                .node("Shape", "", List.of("like"), List.of("t"))
                                .node(
                                        "Concat",
                                        "",
                                        List.of("t", "minus"),
                                        List.of("wanted"),
                                        OnnxWriter.integer("axis", 0))
                                .node(
                                        "ConstantOfShape",
                                        "",
                                        List.of("count"),
                                        List.of("ones"),
                                        it -> {
                                            it.writeString(1, "value");
                                            it.writeByteArray(5, OnnxWriter.tensor("", longs(1)));
                                            it.writeInt32(20, 4);
                                        })
                                .node("Mul", "", List.of("ones", "minus"), List.of("minuses"))
                                .node("Equal", "", List.of("wanted", "minuses"), List.of("is"))
                                .node("Where", "", List.of("is", "ones", "wanted"), List.of("s"))
                                .node("Expand", "", List.of("x", "s"), List.of("y"))
                                .output("y"));
        assertThat(run(graph, ramp(1, 2), ramp(3)).floats()).containsExactly(0, 1, 0, 1, 0, 1);
    }

    /// Each is computed on extents as it is on numbers.
    @Test
    void arithmeticOnExtents() {
        var model = new ModelFile().input("x", "T", "3").initializer("two", longs(2, 2));
        model.node("Shape", "", List.of("x"), List.of("s"));
        model.node("Max", "", List.of("s", "two"), List.of("max"));
        model.node("Mod", "", List.of("max", "two"), List.of("mod"));
        model.node("Neg", "", List.of("s"), List.of("neg"));
        model.node("Sub", "", List.of("max", "neg"), List.of("sub"));
        model.initializer("axis", scalar(0));
        model.node("CumSum", "", List.of("sub", "axis"), List.of("sums"));
        model.node("Div", "", List.of("sums", "two"), List.of("div"));
        model.node(
                "Concat", "", List.of("mod", "div"), List.of("all"), OnnxWriter.integer("axis", 0));
        model.initializer("three", longs(3));
        model.node("ConstantOfShape", "", List.of("all"), List.of("y"));
        var graph = graph(model.output("y"));
        for (int t : new int[] {0, 1, 2, 5}) {
            int max = Math.max(t, 2);
            int first = max + t;
            assertThat(run(graph, ramp(t, 3)).shape())
                    .containsExactly(max % 2, 1, first / 2, (first + 6) / 2);
        }
    }

    @Test
    void whatNoLawDecidesIsMeasured() {
        var model =
                new ModelFile()
                        .input("x", "T")
                        .initializer("four", longs(4))
                        .initializer("one", longs(1))
                        .node("Shape", "", List.of("x"), List.of("s"))
                        .node("Less", "", List.of("s", "four"), List.of("is"))
                        .node("Where", "", List.of("is", "one", "s"), List.of("n"))
                        .node("Tile", "t", List.of("x", "n"), List.of("y"))
                        .output("y");
        var graph = graph(model);
        assertThat(run(graph, ramp(3)).shape()).containsExactly(3);
        assertThat(run(graph, ramp(5)).shape()).containsExactly(25);
    }
}
