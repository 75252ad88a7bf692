package io.webdnn.compiler.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static final Dimension U = Dimension.symbol("U");
    private static final Dimension K = Dimension.symbol("K");

    private final List<Call> calls = new ArrayList<>();

    private static Buffer buffer(String name, Dimension... shape) {
        return Buffer.of(name, new TensorType(DType.FLOAT32, Shape.of(shape)));
    }

    private static Buffer scalar(String name) {
        return Buffer.of(name, TensorType.of(DType.INT32));
    }

    private void call(Buffer from, Buffer to) {
        calls.add(new Call.Host(new HostCall("Copy", List.of(from), List.of(to), x -> x), ""));
    }

    private void measure(Dimension symbol, Buffer source, @Nullable Dimension most) {
        calls.add(new Call.Measure(symbol.toString(), source, most, ""));
    }

    private List<List<Buffer>> slots(Buffer... apart) {
        return MemoryPlan.plan(calls, Set.of(apart)).slots();
    }

    /// `a` is dead when `b` comes, but `b` is made in the middle of the run.
    @Test
    void whatIsMadeLaterSharesWithNothingThatIsMadeBefore() {
        var x = buffer("x", Dimension.of(4));
        var a = buffer("a", Dimension.of(4));
        var n = scalar("n");
        call(x, a);
        call(a, n);
        measure(U, n, null);
        var b = buffer("b", U);
        var c = buffer("c", U, Dimension.of(2));
        var d = buffer("d", U.plus(3));
        call(x, b);
        call(b, c);
        call(c, d);
        assertThat(slots(x))
                .containsExactlyInAnyOrder(
                        List.of(x), List.of(a), List.of(n), List.of(c), List.of(d, b));
    }

    @Test
    void whatTwoMeasurementsMakeKnownIsApart() {
        var x = buffer("x", Dimension.of(4));
        var n = scalar("n");
        var m = scalar("m");
        call(x, n);
        measure(U, n, null);
        var b = buffer("b", U);
        call(x, b);
        call(b, m);
        measure(K, m, null);
        var c = buffer("c", U, K);
        var e = buffer("e", K);
        var d = buffer("d", U);
        call(x, c);
        call(c, d);
        call(d, e);
        assertThat(slots(x))
                .contains(List.of(b, d), List.of(c, e))
                .filteredOn(slot -> slot.contains(c))
                .hasSize(1);
    }

    /// A bound in terms of a size without one is not known before that is.
    @Test
    void aBoundCountsAsWhatItIsMadeOf() {
        var n = scalar("n");
        measure(U, n, null);
        measure(K, n, U.plus(1));
        var sizes = MeasuredSizes.of(calls);
        assertThat(sizes.atMost(K.times(2))).isEqualTo(U.times(2).plus(2));
        assertThat(sizes.knownAt(K.times(2))).isEqualTo(0);
        assertThat(sizes.knownAt(Dimension.symbol("N"))).isEqualTo(-1);
    }
}
