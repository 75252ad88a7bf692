package io.webdnn.compiler.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.Target;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.ScatterElements;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Which loop of a kernel threads share.
class SharedLoopTest {
    private static final Dimension N = Dimension.symbol("N");

    private static Dimension[] fixed(int... extents) {
        var dimensions = new Dimension[extents.length];
        for (int i = 0; i < extents.length; i++) dimensions[i] = Dimension.of(extents[i]);
        return dimensions;
    }

    /// {@return the loop of the last kernel of one operator}
    private static @Nullable SharedLoop shared(Op op, Dimension[] input, int[]... weights) {
        var g = Graph.builder();
        var in = new ArrayList<Value>();
        in.add(g.input("x", new TensorType(DType.FLOAT32, new Shape(List.of(input)))));
        for (var shape : weights)
            in.add(g.constant("w" + in.size(), Tensor.zeros(DType.FLOAT32, shape)));
        return last(g.build(Map.of("y", g.applyAll(op, "y", in).getFirst())));
    }

    private static @Nullable SharedLoop last(Graph graph) {
        var call = Compiler.compile(graph, Target.WEBASSEMBLY).calls().getLast();
        return SharedLoop.of(Expand.kernel(((Call.Run) call).kernel()));
    }

    private static SharedLoop present(@Nullable SharedLoop loop) {
        return Objects.requireNonNull(loop);
    }

    @Test
    void aConvolutionIsSharedByRowsOfPixelsEvenForABatch() {
        var one = present(shared(Conv.of2d(1, 0), fixed(1, 8, 30, 30), new int[] {16, 8, 3, 3}));
        assertThat(one.extent()).isEqualTo(Dimension.of(28));
        assertThat(one.path()).hasSize(2); // within the loop over panels of channels
        var batch = fixed(1, 8, 30, 30);
        batch[0] = N;
        var many = present(shared(Conv.of2d(1, 0), batch, new int[] {16, 8, 3, 3}));
        assertThat(many.extent()).isEqualTo(Dimension.of(28));
        assertThat(many.path()).hasSize(3);
        assertThat(many.work().symbols()).containsExactly("N");
        assertThat(one.work().isFixed()).isTrue();
    }

    @Test
    void aConvolutionOfFewRowsIsSharedByItsChannels() {
        var loop = present(shared(Conv.of2d(1, 0), fixed(1, 8, 8, 8), new int[] {256, 8, 3, 3}));
        assertThat(loop.extent()).isEqualTo(Dimension.of(32));
    }

    @Test
    void aProductIsSharedByColumns() {
        var loop = present(shared(new MatMul(), fixed(64, 32), new int[] {32, 256}));
        assertThat(loop.extent()).isEqualTo(Dimension.of(32));
    }

    @Test
    void anElementwiseKernelIsSharedByTheFirstLongAxis() {
        assertThat(present(shared(new Relu(), fixed(2, 64, 5, 5))).extent())
                .isEqualTo(Dimension.of(64));
        assertThat(present(shared(new Relu(), new Dimension[] {N, Dimension.of(5)})).extent())
                .isEqualTo(N);
    }

    @Test
    void rowsAreSharedAndNeverTheElementsOfOneRow() {
        assertThat(present(shared(new Softmax(1), fixed(64, 100))).extent())
                .isEqualTo(Dimension.of(64));
        assertThat(shared(new Softmax(1), fixed(1, 4096))).isNull();
    }

    @Test
    void updatesThatMayMeetAreNotShared() {
        var g = Graph.builder();
        var x = g.input("x", new TensorType(DType.FLOAT32, Shape.of(64, 64)));
        var at = g.input("at", new TensorType(DType.INT32, Shape.of(32, 64)));
        var updates = g.input("updates", new TensorType(DType.FLOAT32, Shape.of(32, 64)));
        var op = new ScatterElements(0, Push.Combine.ADD);
        assertThat(last(g.build(Map.of("y", g.apply(op, x, at, updates))))).isNull();
    }
}
