package io.webdnn.compiler.lower;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.fuse.Fuse;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is computed once, before the first run.
class KeptTest {
    private final Graph.Builder g = Graph.builder();

    private Value wide(int... shape) {
        return g.apply(new Cast(DType.FLOAT32), g.constant("w", Tensor.zeros(DType.INT8, shape)));
    }

    private Lowered lowered(Value y) {
        return Lower.lower(g.build(Map.of("y", y)));
    }

    @Test
    void whatIsComputedFromConstants() {
        var x = g.input("x", TensorType.of(DType.FLOAT32, 4, 8));
        var product = g.apply(new MatMul(), x, g.apply(new Add(), wide(8, 8), wide(8, 8)));
        assertThat(Kept.of(lowered(product)).stages()).hasSize(3);
    }

    @Test
    void noOutputOfTheGraph() {
        assertThat(Kept.of(lowered(wide(8, 8))).stages()).isEmpty();
    }

    /// It costs less to compute than to keep.
    @Test
    void nothingLargerThanTheConstants() {
        var x = g.input("x", TensorType.of(DType.FLOAT32, 8, 8));
        var sums = g.apply(new Add(), wide(8, 1), wide(1, 8));
        var kept = Kept.of(lowered(g.apply(new Add(), x, sums)));
        assertThat(kept.stages().keySet())
                .hasSize(2)
                .allMatch(buffer -> buffer.type().shape().elements().is(8));
    }

    @Test
    void isMergedWithWhatIsKeptOnly() {
        var x = g.input("x", TensorType.of(DType.FLOAT32, 8, 8));
        var both = g.apply(new Add(), wide(8, 8), wide(8, 8));
        var lowered = lowered(g.apply(new Add(), x, both));
        assertThat(Fuse.fuse(lowered, false, 8, Kept.of(lowered)).operations()).hasSize(2);
        assertThat(Fuse.fuse(lowered, false, 8, Kept.NOTHING).operations()).hasSize(1);
    }

    @Test
    void isComputedInWhatReadsItWithinABoundOfBuffers() {
        var x = g.input("x", TensorType.of(DType.FLOAT32, 8, 8));
        var both = g.apply(new Add(), wide(8, 8), wide(8, 8));
        var lowered = lowered(g.apply(new Add(), x, both));
        assertThat(reads(lowered, 3)).hasSize(2).allMatch(b -> b.constant() != null);
        assertThat(reads(lowered, 2)).hasSize(2).allMatch(b -> b.constant() == null);
    }

    @Test
    void sumsAreNot() {
        var x = g.input("x", TensorType.of(DType.FLOAT32, 8, 8));
        var sum = g.apply(new ReduceSum(true), wide(8, 8), g.vector(0));
        var both = g.apply(new Add(), sum, wide(1, 8));
        var lowered = lowered(g.apply(new Add(), x, both));
        assertThat(reads(lowered, 8)).hasSize(2).allMatch(b -> b.constant() == null);
    }

    /// {@return what the last kept stage reads, when it computes by itself what it can}
    private static Set<Buffer> reads(Lowered lowered, int most) {
        var kept = Kept.of(lowered);
        var last = (Stage) lowered.operations().get(lowered.operations().size() - 2).step();
        assertThat(kept.contains(last.writes().getFirst())).isTrue();
        var stage = kept.fromConstants(last, most);
        return Set.copyOf(Visit.buffers(stage.outputs().getFirst().value()));
    }
}
