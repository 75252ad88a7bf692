package io.webdnn.graph.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubstitutionTest {
    private final Local x = new Local("x", DType.INT32);

    @Test
    void freeLocalsAreReplacedAndTheResultIsSimplified() {
        var e = x.times(3).plus(x);
        assertThat(new Substitution(List.of(x), List.of(Expr.of(2))).apply(e))
                .isEqualTo(Expr.of(8));
    }

    @Test
    void whatIsBoundInsideIsFresh() {
        var t = new Local("t", DType.INT32);
        var square = new Let(t, x.plus(1), t.times(t));
        var nested = (Let) new Substitution(List.of(x), List.of(square)).apply(square);
        assertThat(nested.local()).isNotSameAs(t);
        assertThat(nested.body()).isEqualTo(nested.local().times(nested.local()));
        assertThat(nested.value()).isEqualTo(square.plus(1));
    }

    @Test
    void indicesOfLoopsAreFresh() {
        var i = new Index("i", Dimension.of(3));
        var sum = (Reduce) Expr.sum(List.of(i), i.times(x));
        var replaced = (Reduce) new Substitution(List.of(x), List.of(i)).apply(sum);
        var fresh = replaced.indices().getFirst();
        assertThat(fresh).isNotSameAs(i);
        assertThat(replaced.body()).isEqualTo(fresh.times(i));
    }

    @Test
    void loopsThatShareAnIndexAndAPartThatHoldsItStillDoSo() {
        var i = new Index("i", Dimension.of(3));
        var shared = i.times(x);
        var e = Expr.sum(List.of(i), shared).plus(Expr.sum(List.of(i), shared.plus(1)));
        var y = new Local("y", DType.INT32);
        var replaced = (Binary) new Substitution(List.of(x), List.of(y)).apply(e);
        for (var side : List.of(replaced.left(), replaced.right()))
            assertThat(Visit.free(side)).containsExactly(y);
    }

    @Test
    void sharedPartsStayShared() {
        var shared = x.plus(1);
        var e = (Binary) shared.times(shared);
        var y = new Local("y", DType.INT32);
        var replaced = (Binary) new Substitution(List.of(x), List.of(y)).apply(e);
        assertThat(replaced.left()).isSameAs(replaced.right());
    }

    @Test
    void dtypesMustAgree() {
        var y = new Local("y", DType.FLOAT32);
        assertThatThrownBy(() -> new Substitution(List.of(x), List.of(y)))
                .hasMessage("Substitution: x: expected int32, got float32");
    }
}
