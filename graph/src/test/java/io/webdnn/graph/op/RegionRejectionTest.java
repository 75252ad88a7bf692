package io.webdnn.graph.op;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Wrong uses of operators on regions, determinants, trees and bits are refused with a text that
/// names operation, argument, what was expected and what was found.
class RegionRejectionTest {
    private static void rejects(String message, Op op, Object... operands) {
        assertThatThrownBy(() -> Types.infer(op, operands))
                .isInstanceOf(GraphException.class)
                .hasMessage(message);
    }

    private static void rejects(String message, Supplier<Op> op) {
        assertThatThrownBy(op::get).isInstanceOf(GraphException.class).hasMessage(message);
    }

    @Test
    void bits() {
        rejects(
                "BitCast: input: expected a dtype of 32 bits to become int32, got float64",
                new BitCast(DType.INT32),
                "float64[2]");
        rejects(
                "BitCast: to: expected float32, float64, an integer dtype or bool, got float16",
                () -> new BitCast(DType.FLOAT16));
    }

    @Test
    void determinants() {
        rejects(
                "Det: X: expected square matrices of up to 64 rows, got float32[2, 3]",
                new Det(),
                "float32[2, 3]");
    }

    @Test
    void regions() {
        var op = new RoiAlign(false, 1, 1, 2, 1, true);
        rejects(
                "RoiAlign: rois: expected corners = 4 on axis 1, got float32[3, 5]",
                op,
                "float32[1, 2, 4, 4]",
                "float32[3, 5]",
                "int64[3]");
        rejects(
                "RoiAlign: batch_indices: expected shape [3], got int64[2]",
                op,
                "float32[1, 2, 4, 4]",
                "float32[3, 4]",
                "int64[2]");
        rejects(
                "RoiAlign: X: expected an element on axis 3, got float32[1, 2, 4, 0]",
                op,
                "float32[1, 2, 4, 0]",
                "float32[3, 4]",
                "int64[3]");
        rejects(
                "RoiAlign: rois: expected a value known when compiling, got one that is computed by"
                        + " the graph",
                new RoiAlign(false, 1, 1, 0, 1, true),
                "float32[1, 2, 4, 4]",
                "float32[3, 4]",
                "int64[3]");
        rejects(
                "RoiAlign: height: expected >= 1, got 0",
                () -> new RoiAlign(false, 0, 1, 0, 1, true));
        rejects(
                "RoiAlign: samples: expected >= 0, got -1",
                () -> new RoiAlign(false, 1, 1, -1, 1, true));
    }

    @Test
    void movedTaps() {
        var windows = List.of(Window.PLAIN, Window.PLAIN);
        rejects(
                "DeformConv: offset: expected shape [1, 8, 3, 3], got float32[1, 4, 3, 3]",
                new DeformConv(windows, 1, 1),
                "float32[1, 2, 4, 4]",
                "float32[3, 2, 2, 2]",
                "float32[1, 4, 3, 3]");
        rejects(
                "DeformConv: offset_group: expected a divisor of C = 2, got 3",
                new DeformConv(windows, 1, 3),
                "float32[1, 2, 4, 4]",
                "float32[3, 2, 2, 2]",
                "float32[1, 4, 3, 3]");
        rejects(
                "DeformConv: windows: expected 2 spatial axes, got 1",
                () -> new DeformConv(List.of(Window.PLAIN), 1, 1));
    }

    @Test
    void trees() {
        var loop = new TreeEnsemble.Inner(0, TreeEnsemble.Mode.LESS, 0, List.of(), false, 0, 1);
        var leaf = new TreeEnsemble.Leaf(0, 1);
        var sum = TreeEnsemble.Aggregate.SUM;
        rejects(
                "TreeEnsemble: nodes: expected trees, got a cycle",
                () -> new TreeEnsemble(List.of(0), List.of(loop), List.of(leaf), 1, sum));
        rejects(
                "TreeEnsemble: root: expected 0 ... 0, got 1",
                () -> new TreeEnsemble(List.of(1), List.of(), List.of(leaf), 1, sum));
        rejects(
                "TreeEnsemble: target: expected 0 ... 0, got 2",
                () ->
                        new TreeEnsemble(
                                List.of(0),
                                List.of(),
                                List.of(new TreeEnsemble.Leaf(2, 1)),
                                1,
                                sum));
        var test = new TreeEnsemble.Inner(3, TreeEnsemble.Mode.LESS, 0, List.of(), false, 1, 1);
        rejects(
                "TreeEnsemble: feature: expected 0 ... 1, got 3",
                new TreeEnsemble(List.of(0), List.of(test), List.of(leaf), 1, sum),
                "float32[4, 2]");
    }

    @Test
    void couplings() {
        rejects(
                "PairwiseCoupling: classes: expected 2 ... 32, got 1",
                () -> new PairwiseCoupling(1));
        rejects(
                "PairwiseCoupling: R: expected shape [4, 3], got float32[4, 2]",
                new PairwiseCoupling(3),
                "float32[4, 2]");
    }
}
