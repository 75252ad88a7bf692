package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Operators whose sizes are inputs of the model: they become sizes that a run measures.
class OnnxDataShapeTest {
    @TempDir Path directory;

    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
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
        return out -> {
            out.writeString(1, name);
            out.writeByteArray(
                    6,
                    OnnxWriter.bytes(graph -> {
                        for (var node : nodes) graph.writeByteArray(1, node);
                        graph.writeByteArray(12, OnnxWriter.bytes(it -> it.writeString(1, output)));
                    }));
            out.writeInt32(20, 5);
        };
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
        Fields body =
                out -> {
                    out.writeString(1, "body");
                    out.writeByteArray(
                            6,
                            OnnxWriter.bytes(graph -> {
                                graph.writeByteArray(1, node("NonZero", List.of("x"), "places"));
                                graph.writeByteArray(1, node("Sub", List.of("x", "one"), "less"));
                                graph.writeByteArray(1, node("Relu", List.of("less"), "y"));
                                graph.writeByteArray(1, node("ReduceSum", List.of("places"), "s"));
                                graph.writeByteArray(1, node("Identity", List.of("c"), "d"));
                                for (var input : List.of("i", "c", "x"))
                                    graph.writeByteArray(
                                            11, OnnxWriter.bytes(it -> it.writeString(1, input)));
                                for (var output : List.of("d", "y", "s"))
                                    graph.writeByteArray(
                                            12, OnnxWriter.bytes(it -> it.writeString(1, output)));
                            }));
                    out.writeInt32(20, 5);
                };
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
