package io.webdnn.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Bounds;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.pass.FoldConstants;
import io.webdnn.graph.type.Equation;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Operators whose shapes and bounds are made of symbols, against loops, for several sizes.
class ExtentsTest {
    private static final Dimension N = Dimension.symbol("N");
    private static final Value X =
            Value.input("x", new TensorType(DType.FLOAT32, io.webdnn.tensor.Shape.of(N)));

    /// Numbers `a·N + b`, computed from the shape of x, and known by name.
    private static Value vector(Dimension... extents) {
        var parts = new ArrayList<Value>();
        for (var extent : extents) {
            long b = extent.valueAt(0);
            var product = output(new Mul(), output(new Shape(), X), longs(extent.valueAt(1) - b));
            parts.add(output(new Add(), product, longs(b)));
        }
        var all = new Node(new Concat(0), "", parts).outputs().getFirst();
        return output(new Extents("", List.of(extents)), all);
    }

    private static Value scalar(Dimension extent) {
        return vector(extent);
    }

    private static Value longs(long... values) {
        return Value.constant("", Tensor.of(values, values.length));
    }

    private static Value output(Op op, Value... inputs) {
        return new Node(op, "", List.of(inputs)).outputs().getFirst();
    }

    private static Tensor ramp(int count) {
        var x = new float[count];
        for (int i = 0; i < count; i++) x[i] = i;
        return Tensor.of(x, count);
    }

    /// Also after constants are folded.
    private static Tensor run(Value output, int n) {
        var graph = Graph.of(List.of(X), List.of(output));
        var folded = new FoldConstants().apply(graph);
        var result = Interpreter.run(graph, List.of(ramp(n)), Bounds.CHECKED).getFirst();
        var again = Interpreter.run(folded, List.of(ramp(n))).getFirst();
        assertThat(again.shape()).isEqualTo(result.shape());
        assertThat(again.storage()).isEqualTo(result.storage());
        return result;
    }

    /// Numpy's `x[start:end:step]` on an axis of N and on one of 6, bounds around both.
    @Test
    void slicesWithSymbolicBounds() {
        var table = Value.constant("table", ramp(6));
        for (long step : new long[] {1, 2, -1, -3}) {
            for (var start :
                    List.of(N, N.plus(1), Dimension.of(0), Dimension.of(2), N.times(-1).plus(-1))) {
                for (var end :
                        List.of(
                                N,
                                N.plus(2),
                                Dimension.of(3),
                                Dimension.of(Long.MAX_VALUE),
                                N.times(-1).plus(-2))) {
                    var bounds = List.of(vector(start), vector(end), longs(0), longs(step));
                    for (int n : new int[] {2, 4, 9}) {
                        long from = at(start, n);
                        long to = at(end, n);
                        assertThat(run(slice(table, bounds), n).floats())
                                .as("6 elements, %s:%s:%s, N = %s", start, end, step, n)
                                .isEqualTo(sliced(6, from, to, step));
                        assertThat(run(slice(X, bounds), n).floats())
                                .as("N elements, %s:%s:%s, N = %s", start, end, step, n)
                                .isEqualTo(sliced(n, from, to, step));
                    }
                }
            }
        }
    }

    private static long at(Dimension dimension, long n) {
        return dimension.isFixed() ? dimension.value() : dimension.valueAt(n);
    }

    private static Value slice(Value x, List<Value> bounds) {
        var operands = new ArrayList<Value>();
        operands.add(x);
        operands.addAll(bounds);
        return new Node(new Slice(), "", operands).outputs().getFirst();
    }

    private static float[] sliced(int count, long start, long end, long step) {
        long from =
                Math.clamp(
                        start < 0 ? start + count : start,
                        step > 0 ? 0 : -1,
                        step > 0 ? count : count - 1);
        long to =
                Math.clamp(
                        end < 0 ? end + count : end,
                        step > 0 ? 0 : -1,
                        step > 0 ? count : count - 1);
        var taken = new ArrayList<Float>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) taken.add((float) i);
        var result = new float[taken.size()];
        for (int i = 0; i < result.length; i++) result[i] = taken.get(i);
        return result;
    }

    @Test
    void aSliceTakesABoundWhoseSignIsKnown() {
        assertThatThrownBy(() -> slice(X, List.of(vector(N.plus(-5)), longs(3))))
                .hasMessage(
                        "Slice: starts, ends: expected bounds known to be >= 0, or to be negative,"
                                + " got N+-5");
    }

    @Test
    void rangesWithSymbolicLimits() {
        for (long delta : new long[] {1, 3, -1, -2}) {
            for (var start : List.of(N, Dimension.of(3), N.plus(-4))) {
                for (var limit : List.of(N.plus(2), Dimension.of(5), N.times(2))) {
                    var y =
                            output(
                                    new Range(),
                                    scalar(start),
                                    scalar(limit),
                                    Value.constant("", Tensor.of(new long[] {delta}).reshape()));
                    for (int n : new int[] {0, 1, 4, 7}) {
                        var expected = new ArrayList<Long>();
                        for (long i = at(start, n);
                                delta > 0 ? i < at(limit, n) : i > at(limit, n);
                                i += delta) expected.add(i);
                        assertThat(Arrays.stream(run(y, n).longs()).boxed())
                                .as("%s to %s by %s, N = %s", start, limit, delta, n)
                                .isEqualTo(expected);
                    }
                }
            }
        }
        assertThatThrownBy(() ->
                        output(
                                new Range(),
                                scalar(N),
                                scalar(N),
                                Value.constant("", Tensor.of(new long[] {0}).reshape())))
                .hasMessage("Range: delta: expected not 0, got 0");
    }

    @Test
    void expandAndTileToSymbolicShapes() {
        var pair = Value.constant("", Tensor.of(new float[] {1, 2}, 2));
        var rows = output(new Expand(), pair, vector(N, Dimension.of(2)));
        assertThat(run(rows, 3).floats()).containsExactly(1, 2, 1, 2, 1, 2);
        assertThat(run(output(new Tile(), pair, vector(N)), 2).floats())
                .containsExactly(1, 2, 1, 2);
    }

    @Test
    void sizesThatShapesDoNotAgreeWithAreRefused() {
        var table = Value.constant("table", ramp(6));
        var head = slice(table, List.of(longs(0), vector(N)));
        var sum = output(new Add(), X, output(new EnsureShape(io.webdnn.tensor.Shape.of(N)), head));
        var graph = Graph.of(List.of(X), List.of(sum));
        assertThat(graph.equations()).containsExactly(new Equation(N.min(Dimension.of(6)), N));
        assertThat(run(sum, 4).floats()).containsExactly(0, 2, 4, 6);
        assertThatThrownBy(() -> run(sum, 7))
                .isInstanceOf(GraphException.class)
                .hasMessage("Graph: sizes: expected N = min(6,N), got 7 and 6 with {N=7}");
        assertThatThrownBy(() -> output(new EnsureShape(io.webdnn.tensor.Shape.of(N, N)), X))
                .hasMessage("EnsureShape: input: expected rank 2, got float32[N]");
    }

    /// Golden vectors are computed so.
    @Test
    void numbersTakeThePlaceOfSymbolsInAttributes() {
        var table = Value.constant("table", ramp(6));
        var head = slice(table, List.of(longs(0), vector(N)));
        var sum = output(new Add(), X, output(new EnsureShape(io.webdnn.tensor.Shape.of(N)), head));
        var bound =
                Graph.of(List.of(X), List.of(sum))
                        .substitute(v -> Value.input("x", TensorType.of(DType.FLOAT32, 4)));
        assertThat(bound.outputs().getFirst().type().shape())
                .isEqualTo(io.webdnn.tensor.Shape.of(4));
        assertThat(bound.equations()).isEmpty();
        assertThat(Interpreter.run(bound, List.of(ramp(4))).getFirst().floats())
                .isEqualTo(floats(IntStream.of(0, 2, 4, 6)));
    }

    private static float[] floats(IntStream values) {
        var list = values.toArray();
        var result = new float[list.length];
        for (int i = 0; i < list.length; i++) result[i] = list[i];
        return result;
    }
}
