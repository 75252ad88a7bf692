package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// [Slice] whose bounds are data: `output[o…] = data[start + o·step …]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | data | any | any |
/// | starts, ends | `[n]`, an entry for each of `axes` | int32 or int64 |
/// | output | data with a symbol on each of `axes` | as data |
///
/// A negative bound counts from the end; bounds are limited to the axis, as numpy does. How many
/// elements an axis keeps depends on data, so it is a symbol: `count` if there is one axis, else
/// `count.0`, `count.1` …. Bounds that are known belong to [Slice].
///
/// Source: ONNX Slice-13.
///
/// @param axes each once, negative ones from the end
/// @param steps one for each axis, not 0
/// @param count the name of the symbols
public record MeasuredSlice(List<Integer> axes, List<Long> steps, String count)
        implements Primitive {
    public MeasuredSlice {
        axes = List.copyOf(axes);
        steps = List.copyOf(steps);
        if (count.isEmpty())
            throw GraphException.of(
                    "MeasuredSlice", "count", "a name for the number of elements", "''");
        if (steps.size() != axes.size() || steps.contains(0L))
            throw GraphException.of(
                    "MeasuredSlice", "steps", axes.size() + " entries that are not 0", steps);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 3);
        var data = expect.input(0, "data").type();
        for (int i = 1; i < 3; i++)
            expect.input(i, i == 1 ? "starts" : "ends")
                    .index()
                    .rank(1)
                    .extent(0, Dimension.of(axes.size()), "axes");
        var shape = data.shape();
        var order = order(in);
        for (int i = 0; i < order.size(); i++)
            shape = shape.with(order.get(i), Dimension.symbol(symbol(i)));
        return List.of(data.with(shape));
    }

    private List<Integer> order(Operands in) {
        return Axes.of(
                "MeasuredSlice",
                axes.stream().mapToLong(Integer::longValue).toArray(),
                in.type(0).rank());
    }

    private String symbol(int i) {
        return axes.size() == 1 ? count : count + "." + i;
    }

    @Override
    public Lowering lower(Operands in) {
        var steps = new ArrayList<Step>();
        var order = order(in);
        var starts = new ArrayList<Buffer>();
        for (int i = 0; i < order.size(); i++)
            starts.add(measure(in, i, in.extent(0, order.get(i)), steps));
        var y = Buffer.of("y", infer(in).getFirst());
        steps.add(
                Stage.each(
                        y,
                        o -> {
                            var at = new ArrayList<Expr>(o);
                            for (int i = 0; i < order.size(); i++) {
                                int d = order.get(i);
                                var start = new Load(starts.get(i), List.of());
                                at.set(d, start.plus(o.get(d).times(this.steps.get(i))));
                            }
                            return in.load(0, at);
                        }));
        return new Measured(steps, List.of(y));
    }

    /// Adds what counts the elements of an axis. {@return its start, an int32 scalar}
    private Buffer measure(Operands in, int i, Dimension extent, List<Step> to) {
        long step = steps.get(i);
        long size = Math.abs(step);
        var start = RankSelect.int32("start");
        var count = RankSelect.int32("count");
        to.add(Stage.each(start, _ -> bound(in.load(1, Expr.of(i)), extent, step)));
        to.add(
                Stage.each(
                        count,
                        _ -> {
                            var from = new Load(start, List.of());
                            var end = bound(in.load(2, Expr.of(i)), extent, step);
                            var length = step > 0 ? end.minus(from) : from.minus(end);
                            return length.plus(size - 1).floorDividedBy(size).max(Expr.of(0));
                        }));
        to.add(new Measure(symbol(i), count, extent.plus(size - 1).floorDividedBy(size)));
        return start;
    }

    /// {@return where a bound lies: before the axis it is −1 if the step is negative, else 0}
    private static Expr bound(Expr given, Dimension extent, long step) {
        var whole = Expr.of(extent);
        var low = whole.times(-1).minus(1).cast(given.dtype()); // limited before it is narrowed
        var near = given.max(low).min(whole.cast(given.dtype())).cast(DType.INT32);
        var fromBegin = near.less(Expr.of(0)).select(near.plus(whole), near);
        return step > 0
                ? fromBegin.max(Expr.of(0))
                : fromBegin.min(whole.minus(1)).max(Expr.of(-1));
    }
}
