package io.webdnn.graph.op;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.expr.Push;
import io.webdnn.graph.type.GraphException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Wrong uses of operators that take elements from elsewhere are refused with a text that names
/// operation, argument, what was expected and what was found.
class PlacementRejectionTest {
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
                "BitShift: Y: expected uint8, got uint16[2]",
                new BitShift(true),
                "uint8[2]",
                "uint16[2]");
        rejects(
                "BitwiseAnd: A: expected an integer tensor, got bool[2]",
                new BitwiseAnd(),
                "bool[2]",
                "bool[2]");
        rejects("IsInf: X: expected a float tensor, got int32[]", new IsInf(true, true), "int32[]");
    }

    @Test
    void trianglesAndTiles() {
        rejects("Trilu: input: expected rank >= 2, got float32[3]", new Trilu(true), "float32[3]");
        rejects(
                "Trilu: k: expected one element, got int64[2]",
                new Trilu(true),
                "float32[3, 3]",
                "int64[2]");
        rejects(
                "Tile: repeats: expected shape [2], got int64[1]",
                new Tile(),
                "float32[3, 3]",
                Types.longs(2));
        rejects("Tile: repeats: expected >= 0, got -1", new Tile(), "float32[3]", Types.longs(-1));
        rejects(
                "Tile: repeats: expected a value known when compiling, got one that is computed by"
                        + " the graph",
                new Tile(),
                "float32[3]",
                "int64[1]");
    }

    @Test
    void blocks() {
        rejects("DepthToSpace: blocksize: expected >= 1, got 0", () -> new DepthToSpace(0, false));
        rejects(
                "DepthToSpace: input: expected C a multiple of 4, got 6",
                new DepthToSpace(2, true),
                "float32[1, 6, 2, 2]");
        rejects("SpaceToDepth: blocksize: expected >= 1, got -2", () -> new SpaceToDepth(-2));
        rejects(
                "SpaceToDepth: input: expected a fixed C, got C",
                new SpaceToDepth(2),
                "float32[1, C, 2, 2]");
        rejects(
                "SpaceToDepth: input: expected multiples of 2, got [1, 1, 2, 3]",
                new SpaceToDepth(2),
                "float32[1, 1, 2, 3]");
    }

    @Test
    void positions() {
        rejects(
                "ReverseSequence: batch_axis, time_axis: expected 0 and 1, or 1 and 0, got 1, 2",
                () -> new ReverseSequence(1, 2));
        rejects(
                "ReverseSequence: sequence_lens: expected shape [3], got int64[2]",
                new ReverseSequence(1, 0),
                "float32[2, 3]",
                "int64[2]");
        rejects(
                "GatherND: indices: expected at most 2 positions, got int64[1, 3]",
                new GatherND(0),
                "float32[2, 3]",
                "int64[1, 3]");
        rejects(
                "GatherND: indices: expected a last extent >= 1, got [1, 0]",
                new GatherND(0),
                "float32[2, 3]",
                "int64[1, 0]");
        rejects(
                "GatherND: indices: expected the batch axes [2], got int64[3, 1]",
                new GatherND(1),
                "float32[2, 3]",
                "int64[3, 1]");
        rejects(
                "ScatterND: indices: expected at most 1 positions, got int64[1, 2]",
                new ScatterND(Push.Combine.ADD),
                "float32[2]",
                "int64[1, 2]",
                "float32[1]");
        rejects(
                "ScatterND: updates: expected shape [1, 3], got float32[3]",
                new ScatterND(Push.Combine.ADD),
                "float32[2, 3]",
                "int64[1, 1]",
                "float32[3]");
        rejects(
                "TopK: K: expected 0 ... 3, got 4",
                new TopK(0, true),
                "float32[3]",
                Types.longs(4));
    }

    @Test
    void grids() {
        var op = new GridSample(GridSample.Mode.LINEAR, GridSample.Padding.ZEROS, false);
        rejects(
                "GridSample: grid: expected coordinates = 2 on axis 3, got float32[1, 2, 2, 3]",
                op,
                "float32[1, 1, 4, 4]",
                "float32[1, 2, 2, 3]");
        rejects(
                "GridSample: grid: expected N = 2 on axis 0, got float32[1, 2, 2, 2]",
                op,
                "float32[2, 1, 4, 4]",
                "float32[1, 2, 2, 2]");
        rejects(
                "GridSample: X: expected an element on axis 2, got float32[1, 1, 0, 4]",
                op,
                "float32[1, 1, 0, 4]",
                "float32[1, 2, 2, 2]");
    }

    @Test
    void equations() {
        rejects(
                "Einsum: equation: expected 2 terms, at most one ->, got 'ij->ij'",
                new Einsum("ij->ij"),
                "float32[2, 3]",
                "float32[2, 3]");
        rejects(
                "Einsum: equation: expected letters for rank 2, got 'i'",
                new Einsum("i->i"),
                "float32[2, 3]");
        rejects(
                "Einsum: equation: expected j = 3, got j = 4",
                new Einsum("ij,jk->ik"),
                "float32[2, 3]",
                "float32[4, 5]");
        rejects(
                "Einsum: equation: expected letters of the inputs, each once, behind ->, got"
                        + " 'ij->ii'",
                new Einsum("ij->ii"),
                "float32[2, 3]");
        rejects(
                "Einsum: equation: expected letters and ..., got 'i1->i'",
                new Einsum("i1->i"),
                "float32[2, 3]");
    }
}
