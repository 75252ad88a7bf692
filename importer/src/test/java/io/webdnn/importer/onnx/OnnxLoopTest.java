package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Loops whose condition depends on data, on a small model: x is doubled while it is below 100.
class OnnxLoopTest {
    /// Steps that are written out, those that only a run counts, and no bound at all.
    private static final List<Long> MOST = List.of(10L, 1000L, -1L);

    @TempDir Path directory;

    private static Tensor scalar(float value) {
        return Tensor.scalar(DType.FLOAT32, value);
    }

    private static byte[] node(String operator, List<String> inputs, String output) {
        return OnnxWriter.node(operator, operator, inputs, List.of(output), List.of());
    }

    /// {@return a body: `y = x + x`, `m = n + 1`, on while y is below the limit}
    ///
    /// @param outputs the names of what the body gives
    private static Fields body(String... outputs) {
        return ModelFile.graph(
                "body",
                List.of("i", "c", "x", "n"),
                List.of(
                        node("Add", List.of("x", "x"), "y"),
                        node("Add", List.of("n", "one"), "m"),
                        node("ReduceMax", List.of("y"), "top"),
                        node("Less", List.of("top", "limit"), "on")),
                List.of(outputs));
    }

    /// @param most below 0 for a loop that only its condition ends
    private static ModelFile model(long most, Fields body, String... rows) {
        var outputs = new ArrayList<>(List.of("x1", "n1"));
        outputs.addAll(List.of(rows));
        return new ModelFile()
                .input("x0", "1")
                .initializer("limit", scalar(100))
                .initializer("one", scalar(1))
                .initializer("n0", scalar(0))
                .initializer("most", Tensor.of(new long[] {most}).reshape())
                .node("Less", "", List.of("x0", "limit"), List.of("start"))
                .node(
                        "Loop",
                        "n",
                        List.of(most < 0 ? "" : "most", "start", "x0", "n0"),
                        outputs,
                        body)
                .output("x1")
                .output("n1");
    }

    @ParameterizedTest
    @CsvSource({"3, 192, 6", "60, 120, 1", "100, 100, 0", "500, 500, 0", "1, 128, 7"})
    void whatComesAfterTheConditionFailsIsNotKept(float start, float expected, float steps) {
        for (long most : MOST) {
            var file = model(most, body("on", "y", "m")).write(directory);
            var graph = OnnxImporter.read(file).graph();
            var outputs = Interpreter.run(graph, List.of(Tensor.of(new float[] {start}, 1)));
            assertThat(outputs.get(0).floats()).containsExactly(expected);
            assertThat(outputs.get(1).floats()).containsExactly(steps);
        }
    }

    @Test
    void thereAreNoMoreThanMSteps() {
        var file = model(2, body("on", "y", "m")).write(directory);
        var graph = OnnxImporter.read(file).graph();
        var outputs = Interpreter.run(graph, List.of(Tensor.of(new float[] {3}, 1)));
        assertThat(outputs.get(0).floats()).containsExactly(12);
        assertThat(outputs.get(1).floats()).containsExactly(2);
    }

    /// A row for each step that counts.
    @ParameterizedTest
    @CsvSource({"3, 6", "60, 1", "100, 0", "1, 7"})
    void rowsAreThoseOfTheStepsThatCount(float start, int steps) {
        for (long most : MOST) {
            var file =
                    model(most, body("on", "y", "m", "y", "m"), "rows", "counts")
                            .output("rows")
                            .output("counts");
            var graph = OnnxImporter.read(file.write(directory)).graph();
            var outputs = Interpreter.run(graph, List.of(Tensor.of(new float[] {start}, 1)));
            assertThat(outputs.get(2).shape()).containsExactly(steps, 1);
            assertThat(outputs.get(3).shape()).containsExactly(steps);
            for (int i = 0; i < steps; i++) {
                assertThat(outputs.get(2).floats()[i]).isEqualTo(start * (2 << i));
                assertThat(outputs.get(3).floats()[i]).isEqualTo(i + 1);
            }
        }
    }

    /// M is an input: with the body's condition, and with one that is always true.
    @ParameterizedTest
    @CsvSource({"3, 4, 4", "3, 100, 6", "3, 0, 0", "3, -2, 0"})
    void theNumberOfStepsMayBeData(float start, long most, int steps) {
        var file =
                new ModelFile()
                        .input("x0", "1")
                        .integers("most")
                        .initializer("limit", scalar(100))
                        .initializer("one", scalar(1))
                        .initializer("n0", scalar(0))
                        .node(
                                "Loop",
                                "n",
                                List.of("most", "", "x0", "n0"),
                                List.of("x1", "n1", "rows"),
                                body("on", "y", "m", "y"))
                        .node(
                                "Loop",
                                "all",
                                List.of("most", "", "x0", "n0"),
                                List.of("x2", "n2", "places"),
                                body("c", "y", "m", "i"));
        for (var output : List.of("x1", "n1", "rows", "n2", "places")) file.output(output);
        var graph = OnnxImporter.read(file.write(directory)).graph();
        var outputs =
                Interpreter.run(
                        graph,
                        List.of(
                                Tensor.of(new float[] {start}, 1),
                                Tensor.of(new long[] {most}).reshape()));
        assertThat(outputs.get(0).floats()).containsExactly(start * (1 << steps));
        assertThat(outputs.get(1).floats()).containsExactly(steps);
        assertThat(outputs.get(2).shape()).containsExactly(steps, 1);
        int all = (int) Math.max(0, most);
        assertThat(outputs.get(3).floats()).containsExactly(all);
        assertThat(outputs.get(4).longs()).isEqualTo(LongStream.range(0, all).toArray());
    }

    private void rejects(String end, ModelFile model) {
        assertThatThrownBy(() -> OnnxImporter.read(model.write(directory)).graph())
                .isInstanceOf(GraphException.class)
                .message()
                .contains(end);
    }

    @Test
    void whatCannotBeChosenIsRefused() {
        rejects(
                "body: expected a state of one type where M or cond depends on data, float32[1],"
                        + " got bool[1]",
                model(1000, body("on", "on", "m")));
        rejects(
                "body: expected a condition that may end the loop, or an M, got true",
                model(-1, body("c", "y", "m")));
        rejects(
                "body: expected a state of one type where the condition depends on data,"
                        + " float32[1], got bool[1]",
                model(10, body("on", "on", "m")));
    }
}
