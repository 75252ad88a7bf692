package io.webdnn.graph.gradient;

import static io.webdnn.graph.gradient.Differences.random;

import io.webdnn.graph.expr.Push;
import io.webdnn.graph.op.*;
import io.webdnn.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Gradients of operators that take elements from elsewhere, and of products with letters, against
/// finite differences.
class PlacementGradientsTest {
    private static DynamicTest agrees(Op op, String what, Tensor... inputs) {
        return DynamicTest.dynamicTest(
                op + " " + what, () -> Differences.of((g, x) -> g.applyAll(op, x), inputs).agree());
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    @TestFactory
    Stream<DynamicTest> placements() {
        var x = random(1, 2, 3, 4);
        return Stream.of(
                agrees(new Trilu(true), "", x, longs(1)),
                agrees(new Trilu(false), "", x),
                agrees(new Tile(), "", random(2, 2, 3), longs(2, 3)),
                agrees(new DepthToSpace(2, false), "", random(3, 1, 8, 2, 3)),
                agrees(new DepthToSpace(2, true), "", random(3, 1, 8, 2, 3)),
                agrees(new SpaceToDepth(2), "", random(4, 1, 3, 4, 2)),
                agrees(new ReverseSequence(0, 1), "", x, longs(2, 3)),
                agrees(new GatherND(0), "", x, Tensor.of(new long[] {0, 2, 1, -1, 1, 2}, 3, 2)),
                agrees(
                        new ScatterND(Push.Combine.ADD),
                        "",
                        random(5, 3, 4),
                        Tensor.of(new long[] {2, 0, 2}, 3, 1),
                        random(6, 3, 4)),
                agrees(new TopK(1, true), "", x, longs(2)),
                agrees(new CumProd(false, false), "", random(7, 4), longs(0)),
                agrees(new CumProd(true, true), "", random(8, 2, 3), longs(1)));
    }

    @TestFactory
    Stream<DynamicTest> products() {
        return Stream.of(
                agrees(new Einsum("bij,bjk->bik"), "", random(1, 2, 3, 2), random(2, 2, 2, 3)),
                agrees(new Einsum("ii->i"), "", random(3, 3, 3)),
                agrees(new Einsum("...i,i->..."), "", random(4, 2, 3), random(5, 3)));
    }

    @TestFactory
    Stream<DynamicTest> samples() {
        var grid = Tensor.of(new double[] {-0.61, 0.23, 0.57, -0.87, 0.11, 0.93}, 1, 1, 3, 2);
        return Stream.of(GridSample.Mode.LINEAR, GridSample.Mode.CUBIC)
                .flatMap(mode ->
                        Stream.of(GridSample.Padding.values())
                                .map(padding ->
                                        agrees(
                                                new GridSample(mode, padding, false),
                                                "",
                                                random(6, 1, 2, 3, 4),
                                                grid)));
    }
}
