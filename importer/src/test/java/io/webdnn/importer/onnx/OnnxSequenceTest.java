package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sequences, optionals and strings, which the graph does not know, on small models.
class OnnxSequenceTest {
    @TempDir Path directory;

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor position(long value) {
        return Tensor.of(new long[] {value});
    }

    /// Two constants a = [1] and b = [2], and a sequence "s" of both.
    private static ModelFile two() {
        return new ModelFile()
                .opset(21)
                .initializer("a", longs(1))
                .initializer("b", longs(2))
                .node("SequenceConstruct", "", List.of("a", "b"), List.of("s"));
    }

    private List<Tensor> run(ModelFile model) {
        var graph = OnnxImporter.read(model.write(directory)).graph();
        return Interpreter.run(graph, List.of());
    }

    private void rejects(String end, ModelFile model) {
        assertThatThrownBy(() -> run(model))
                .isInstanceOf(GraphException.class)
                .message()
                .contains(end);
    }

    @Test
    void positionsCountFromBothEnds() {
        var model =
                two().initializer("last", position(-1))
                        .initializer("first", position(-2))
                        .node("SequenceInsert", "", List.of("s", "a", "last"), List.of("t"))
                        .node("SequenceErase", "", List.of("t", "first"), List.of("u"))
                        .node("SequenceLength", "", List.of("t"), List.of("n"))
                        .node("SequenceAt", "", List.of("t", "last"), List.of("x"))
                        .output("t")
                        .output("u")
                        .output("n")
                        .output("x");
        var outputs = run(model);
        assertThat(outputs.stream().map(t -> t.longs()[0]).toList())
                .containsExactly(1L, 1L, 2L, 1L, 2L, 3L, 2L);
    }

    @Test
    void positionsOutsideAreRefused() {
        rejects(
                "position: expected -2 ... 1 of a sequence, got 2",
                two().initializer("i", position(2))
                        .node("SequenceAt", "x", List.of("s", "i"), List.of("x"))
                        .output("x"));
        rejects(
                "position: expected -2 ... 2 of a sequence, got -3",
                two().initializer("i", position(-3))
                        .node("SequenceInsert", "x", List.of("s", "a", "i"), List.of("x"))
                        .output("x"));
    }

    @Test
    void aSequenceIsNoTensor() {
        rejects(
                "input 0: expected a tensor, got a sequence of 2",
                two().node("Neg", "x", List.of("s"), List.of("x")).output("x"));
        rejects(
                "input 0: expected a sequence, got int64[1]",
                two().node("SequenceLength", "x", List.of("a"), List.of("x")).output("x"));
        rejects(
                "input: expected something in the optional, got nothing",
                two().node("Optional", "", List.of(), List.of("o"))
                        .node("OptionalGetElement", "x", List.of("o"), List.of("x"))
                        .output("x"));
    }

    @Test
    void partsOfASplit() {
        var model =
                new ModelFile()
                        .opset(21)
                        .initializer("x", longs(1, 2, 3, 4, 5))
                        .initializer("two", position(2))
                        .initializer("most", longs(4, 0, 2))
                        .node("SplitToSequence", "", List.of("x", "two"), List.of("s"))
                        .node(
                                "SplitToSequence",
                                "",
                                List.of("x"),
                                List.of("t"),
                                OnnxWriter.integer("keepdims", 0))
                        .output("s")
                        .output("t");
        var outputs = run(model);
        assertThat(outputs).hasSize(8);
        assertThat(outputs.get(2).longs()).containsExactly(5);
        assertThat(outputs.get(3).shape()).isEmpty();
        rejects(
                "split: expected lengths that sum to 5, got 6",
                model.node("SplitToSequence", "x", List.of("x", "most"), List.of("u")).output("u"));
    }

    @Test
    void aSequenceOfTooManyPartsIsRefused() {
        rejects(
                "split: expected at most 4096 parts, got 5000",
                new ModelFile()
                        .opset(21)
                        .input("x", "5000")
                        .node("SplitToSequence", "", List.of("x"), List.of("s"))
                        .output("s"));
    }

    @Test
    void stringsAreMovedAndComparedButNotAdded() {
        var model =
                new ModelFile()
                        .opset(21)
                        .initializer("v", longs(2, 1, 2, 3))
                        .node("Cast", "", List.of("v"), List.of("w"), OnnxWriter.integer("to", 8))
                        .initializer("at", longs(3, 0))
                        .node("Gather", "", List.of("w", "at"), List.of("g"))
                        .node("Equal", "", List.of("w", "w"), List.of("e"))
                        .node(
                                "Concat",
                                "",
                                List.of("g", "w"),
                                List.of("c"),
                                OnnxWriter.integer("axis", 0))
                        .output("g")
                        .output("e")
                        .output("c");
        var outputs = run(model);
        assertThat(outputs.get(0).strings()).containsExactly("3", "2");
        assertThat(outputs.get(1).bytes()).containsExactly(1, 1, 1, 1);
        assertThat(outputs.get(2).strings()).containsExactly("3", "2", "2", "1", "2", "3");
        rejects(
                "input 0: expected a float, integer or bool tensor, got string[4]",
                model.node("Add", "x", List.of("w", "w"), List.of("x")).output("x"));
    }
}
