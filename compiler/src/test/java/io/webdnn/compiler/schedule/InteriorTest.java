package io.webdnn.compiler.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InteriorTest {
    private static final Buffer ROW =
            Buffer.of("x", new TensorType(DType.FLOAT32, Shape.of(3, 20)));

    @Test
    void aPaddedRowHasItsPaddingAsMargins() {
        var padded =
                Stage.each(
                        Buffer.of("y", new TensorType(DType.FLOAT32, Shape.of(3, 23))),
                        o -> guarded(o.get(0), o.get(1).minus(1)));
        var interior = Objects.requireNonNull(Interior.of(Region.of(padded)));
        assertThat(interior.low()).isEqualTo(1);
        assertThat(interior.high()).isEqualTo(2);
        assertThat(interior.parts())
                .containsExactly(
                        new Interior.Part(0, 1, false),
                        new Interior.Part(1, 20, true),
                        new Interior.Part(21, 2, false));
    }

    @Test
    void aWindowHasMarginsWhereItReachesOverTheEdge() {
        var tap = new Index("k", Dimension.of(5));
        var pooled =
                Stage.each(
                        Buffer.of("y", new TensorType(DType.FLOAT32, Shape.of(3, 20))),
                        o ->
                                Expr.sum(
                                        List.of(tap),
                                        guarded(o.get(0), o.get(1).plus(tap).minus(2))));
        var interior = Objects.requireNonNull(Interior.of(Region.of(pooled)));
        assertThat(interior.low()).isEqualTo(2);
        assertThat(interior.high()).isEqualTo(2);
    }

    @Test
    void wideMarginsAndShortRowsAreNotWorthTheCode() {
        var far =
                Stage.each(
                        Buffer.of("y", new TensorType(DType.FLOAT32, Shape.of(3, 40))),
                        o -> guarded(o.get(0), o.get(1).minus(10)));
        assertThat(Interior.of(Region.of(far))).isNull();
        var single =
                Stage.each(
                        Buffer.of("y", new TensorType(DType.FLOAT32, Shape.of(3, 4))),
                        o -> guarded(o.get(0), o.get(1).minus(1)));
        assertThat(Interior.of(Region.of(single))).isNull();
    }

    private static Expr guarded(Expr row, Expr column) {
        return column.isWithin(Dimension.of(20))
                .select(new Load(ROW, List.of(row, column)), Expr.of(DType.FLOAT32, 0));
    }
}
