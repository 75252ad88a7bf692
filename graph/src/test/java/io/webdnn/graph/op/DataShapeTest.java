package io.webdnn.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Bounds;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Operators whose outputs are as large as data says, on examples worked out by hand, and what they
/// refuse.
class DataShapeTest {
    private static List<Tensor> run(Op op, Tensor... inputs) {
        var g = Graph.builder();
        var values = new ArrayList<Value>();
        for (var tensor : inputs)
            values.add(
                    g.input("x" + values.size(), new TensorType(tensor.dtype(), tensor.toShape())));
        var outputs = new LinkedHashMap<String, Value>();
        for (var output : g.applyAll(op, "", values)) outputs.put("y" + outputs.size(), output);
        return Interpreter.run(g.build(outputs), List.of(inputs), Bounds.CHECKED);
    }

    private static void rejects(String message, Op op, Object... operands) {
        assertThatThrownBy(() -> Types.infer(op, operands))
                .isInstanceOf(GraphException.class)
                .hasMessage(message);
    }

    private static void rejects(String message, Supplier<?> op) {
        assertThatThrownBy(op::get).isInstanceOf(GraphException.class).hasMessage(message);
    }

    @Test
    void differentElements() {
        var x = Tensor.of(new float[] {2, Float.NaN, -0.0f, 2, 0, Float.NaN}, 6);
        var y = run(new Unique(null, true, "n"), x);
        assertThat(y.get(0).floats()).containsExactly(-0.0f, 2, Float.NaN);
        assertThat(y.get(1).longs()).containsExactly(2, 0, 1);
        assertThat(y.get(2).longs()).containsExactly(1, 2, 0, 1, 0, 2);
        assertThat(y.get(3).longs()).containsExactly(2, 2, 2);
        var slices = Tensor.of(new int[] {1, 0, 1, 1, 0, 1}, 2, 3);
        var columns = run(new Unique(-1, true, "n"), slices);
        assertThat(columns.get(0).ints()).containsExactly(0, 1, 0, 1);
        assertThat(columns.get(2).longs()).containsExactly(1, 0, 1);
        rejects(
                "Unique: axis: expected -1 ... 0 for int32[3], got 1",
                new Unique(1, true, "n"),
                "int32[3]");
        rejects(
                "Unique: count: expected a name for the number of elements, got ''",
                () -> new Unique(null, true, ""));
    }

    @Test
    void boxesThatOverlapABetterOneGo() {
        var boxes =
                Tensor.of(new float[] {0, 0, 2, 2, 2, 2, 0, 1, 5, 5, 6, 6, 0, 0, 0, 2}, 1, 4, 4);
        var scores = Tensor.of(new float[] {0.5f, 0.9f, 0.5f, 0.9f}, 1, 1, 4);
        var most = Tensor.of(new long[] {4}, 1);
        var iou = Tensor.of(new float[] {0.4f}, 1);
        var least = Tensor.of(new float[] {0.5f}, 1);
        var op = new NonMaxSuppression(false, "n");
        // the second covers half of the first; the fourth has no area
        assertThat(run(op, boxes, scores, most, iou).getFirst().longs())
                .containsExactly(0, 0, 1, 0, 0, 3, 0, 0, 2);
        assertThat(run(op, boxes, scores, most, iou, least).getFirst().longs())
                .containsExactly(0, 0, 1, 0, 0, 3);
        assertThat(run(op, boxes, scores).getFirst().shape()).containsExactly(0, 3);
        rejects(
                "NonMaxSuppression: scores: expected N = 4 on axis 2, got float32[1, 1, 5]",
                op,
                "float32[1, 4, 4]",
                "float32[1, 1, 5]");
        rejects(
                "NonMaxSuppression: count: expected a name for the number of boxes, got ''",
                () -> new NonMaxSuppression(false, ""));
    }
}
