package io.webdnn.graph.op;

import static io.webdnn.graph.op.Types.ABSENT;
import static io.webdnn.graph.op.Types.longs;
import static io.webdnn.tensor.DType.FLOAT32;
import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.expr.Load;
import io.webdnn.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Symbols flow through every shape rule.
class InferenceTest {
    private static void infers(String expected, Op op, Object... operands) {
        assertThat(Types.infer(op, operands).toString()).isEqualTo("[" + expected + "]");
    }

    @Test
    void theBatchIsSymbolicFromEndToEnd() {
        var same = new Window(1, 1, 1, 1);
        infers(
                "float32[N, 8, 28, 28]",
                new Conv(List.of(same, same), 1),
                "float32[N, 1, 28, 28]",
                "float32[8, 1, 3, 3]");
        infers("float32[N, 8, 14, 14]", MaxPool.of2d(2, 2, 0, false), "float32[N, 8, 28, 28]");
        infers("float32[N, 1568]", new Reshape(), "float32[N, 8, 14, 14]", longs(0, -1));
        infers("float32[N, 1568]", new Reshape(), "float32[N, 8, 14, 14]", longs(-1, 1568));
        infers("float32[N, 1568]", new Flatten(1), "float32[N, 8, 14, 14]");
        infers(
                "float32[N, 10]",
                new Gemm(false, true),
                "float32[N, 1568]",
                "float32[10, 1568]",
                "float32[10]");
        infers("float32[N, 10]", new Add(), "float32[N, 10]", "float32[10]");
        infers("float32[N, 10]", new Softmax(-1), "float32[N, 10]");
        infers(
                "float32[], float32[N, 10]",
                new SoftmaxCrossEntropyLoss(LossReduction.MEAN, null, true),
                "float32[N, 10]",
                "int64[N]");
        infers("int64[N]", new ArgMax(1, false, false), "float32[N, 10]");
    }

    @Test
    void extentsAreComputedWithSymbols() {
        var strided = new Window(2, 1, 0, 0);
        infers(
                "float32[N, 4, (T+-3)//2+1]",
                new Conv(List.of(strided), 1),
                "float32[N, 3, T]",
                "float32[4, 3, 3]");
        infers(
                "float32[N, 5, 2*T+1]",
                new ConvTranspose(List.of(strided), 1, List.of(0)),
                "float32[N, 3, T]",
                "float32[3, 5, 3]");
        infers("float32[2*N, 3]", new Concat(0), "float32[N, 3]", "float32[N, 3]");
        infers("float32[N+3, 3]", new Pad(Pad.Mode.EDGE), "float32[N, 3]", longs(1, 0, 2, 0));
        infers("float32[N+-3]", new Slice(), "float32[N]", longs(1), longs(-2));
        infers(
                "float32[(N+1)//2]",
                new Slice(),
                "float32[N]",
                longs(0),
                longs(Long.MAX_VALUE),
                longs(0),
                longs(2));
        infers("float32[6*N]", new Reshape(), "float32[2, N, 3]", longs(-1));
        infers("float32[N, 1, T]", new ReduceSum(true), "float32[N, 3, T]", longs(1));
    }

    @Test
    void outputsThatAreNotAskedForAreNotThere() {
        infers(
                "float32[1, 1, 2, 2], int64[1, 1, 2, 2]",
                new MaxPool(
                        List.of(2, 2),
                        List.of(new Window(2, 1, 0, 0), new Window(2, 1, 0, 0)),
                        false,
                        false,
                        true),
                "float32[1, 1, 4, 4]");
        infers("float32[1, 1, 2, 2]", MaxPool.of2d(2, 2, 0, false), "float32[1, 1, 4, 4]");
    }

    @Test
    void lastWindowsThatWouldStartInTheEndPaddingAreDropped() {
        var window = new Window(2, 1, 1, 1);
        for (int extent = 1; extent < 12; extent++) {
            int places = 0; // by placing them one by one
            while (places * 2 - 1 < extent && (places == 0 || places * 2 - 1 + 2 < extent + 1 + 2))
                places++;
            var pool = new MaxPool(List.of(2), List.of(window), true, false, false);
            infers("float32[1, 1, " + places + "]", pool, "float32[1, 1, " + extent + "]");
        }
    }

    @Test
    void samePaddingPutsTheOddZeroWhereAsked() {
        assertThat(Window.same(5, 2, 1, 1, true)).isEqualTo(new Window(1, 1, 0, 1));
        assertThat(Window.same(5, 2, 1, 1, false)).isEqualTo(new Window(1, 1, 1, 0));
        assertThat(Window.same(7, 3, 2, 2, true)).isEqualTo(new Window(2, 2, 2, 2));
        assertThat(Window.same(4, 1, 3, 1, true)).isEqualTo(new Window(3, 1, 0, 0));
    }

    @Test
    void transpositionsCompose() {
        var first = Transpose.of(1, 2, 0);
        var second = Transpose.of(0, 2, 1);
        assertThat(first.then(second)).isEqualTo(Transpose.of(1, 0, 2));
        assertThat(first.then(first.inverse()).isIdentity()).isTrue();
        assertThat(Transpose.reversing(3)).isEqualTo(Transpose.of(2, 1, 0));
    }

    /// What a reshape leaves alone keeps its index, so that it can vanish into its consumers.
    @Test
    void reshapesKeepTheIndexOfAxesThatStay() {
        var op = new Reshape();
        var lowering = (Compute) op.lower(Types.operands(op, "float32[N, 8, 6]", longs(0, 48)));
        var stage = lowering.stages().getFirst();
        var load = (Load) stage.outputs().getFirst().value();
        var k = stage.domain().get(1);
        assertThat(load.index())
                .containsExactly(stage.domain().get(0), k.floorDividedBy(6), k.floorModulo(6));
    }

    @Test
    void mapsWithEqualBodiesAreEqual() {
        var dtypes = List.of(FLOAT32, FLOAT32);
        assertThat(Map.of(dtypes, x -> x.get(0).times(x.get(1))))
                .isEqualTo(Map.of(dtypes, x -> x.get(0).times(x.get(1))))
                .isNotEqualTo(Map.of(dtypes, x -> x.get(1).times(x.get(0))));
    }

    @Test
    void scalarBoundsMayHaveOneElement() {
        infers("float32[]", new Clip(), "float32[]", "float32[1]", ABSENT);
        infers(
                "int64[3]",
                new Range(),
                Tensor.of(new long[] {0}, 1),
                Tensor.of(new long[] {3}),
                Tensor.of(new long[] {1}));
    }
}
