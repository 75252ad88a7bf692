package io.webdnn.compiler.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionTest {
    private static final int WIDTH = 5;

    @Test
    void aConcatenationFallsIntoItsParts() {
        var regions = Region.of(joined(3, 4, 2)).split();
        assertThat(regions.stream().map(r -> r.domain().getFirst().extent()))
                .containsExactly(Dimension.of(3), Dimension.of(4), Dimension.of(2));
        assertThat(regions.stream().map(RegionTest::start)).containsExactly(0L, 3L, 7L);
        for (var region : regions) assertThat(isChoice(region)).isFalse();
    }

    @Test
    void theWindowsOverAConcatenationDoToo() {
        var tap = new Index("k", Dimension.of(2));
        var parts = buffers(3, 4);
        var pooled =
                Stage.each(
                        Buffer.of("y", type(7, WIDTH - 1)),
                        o ->
                                Expr.sum(
                                        List.of(tap),
                                        pick(parts, 0, 0, o.get(0), o.get(1).plus(tap))));
        assertThat(Region.of(pooled).split()).hasSize(2).noneMatch(RegionTest::isChoice);
    }

    @Test
    void paddingAndManyPartsStayInOnePiece() {
        var x = Buffer.of("x", type(3, WIDTH));
        var padded =
                Stage.each(
                        Buffer.of("y", type(5, WIDTH)),
                        o ->
                                o.get(0)
                                        .less(Expr.of(3))
                                        .select(
                                                new Load(x, List.copyOf(o)),
                                                Expr.of(DType.FLOAT32, 0)));
        assertThat(Region.of(padded).split()).hasSize(1);
        assertThat(Region.of(joined(1, 1, 1, 1, 1, 1, 1, 1)).split()).hasSize(8);
        assertThat(Region.of(joined(1, 1, 1, 1, 1, 1, 1, 1, 1)).split()).hasSize(1);
    }

    private static Stage joined(int... extents) {
        int total = 0;
        for (int extent : extents) total += extent;
        var parts = buffers(extents);
        return Stage.each(
                Buffer.of("y", type(total, WIDTH)), o -> pick(parts, 0, 0, o.get(0), o.get(1)));
    }

    private static Expr pick(Buffer[] parts, int i, long offset, Expr row, Expr column) {
        var here = new Load(parts[i], List.of(row.minus(offset), column));
        if (i == parts.length - 1) return here;
        long end = offset + parts[i].type().shape().get(0).value();
        return row.less(Expr.of(end)).select(here, pick(parts, i + 1, end, row, column));
    }

    private static Buffer[] buffers(int... extents) {
        var buffers = new Buffer[extents.length];
        for (int i = 0; i < extents.length; i++)
            buffers[i] = Buffer.of("x" + i, type(extents[i], WIDTH));
        return buffers;
    }

    private static TensorType type(int... extents) {
        return new TensorType(DType.FLOAT32, Shape.of(extents));
    }

    private static long start(Region region) {
        return Linear.of(region.place().getFirst()).constant();
    }

    private static boolean isChoice(Region region) {
        boolean[] found = {false};
        for (var value : region.values()) Visit.all(value, e -> found[0] |= e instanceof Select);
        return found[0];
    }
}
