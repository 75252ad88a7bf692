package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Ceil;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.IsNaN;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Or;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Range;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Resize;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Size;
import io.webdnn.graph.op.Tile;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// Operators whose shapes are computed in the run: the arithmetic that gives the extents is nodes
/// of the graph, [Extents] measures what comes out, and the operator takes that as its shape. What
/// is known of the extents stays known. A shape that does not fit is −1 there, which ends the run.
final class MeasuredOperators {
    private MeasuredOperators() {}

    /// {@return a vector of int32 as a shape}
    ///
    /// @param known entries that are not measured
    private static Value extents(Translation node, Value vector, List<Optional<Dimension>> known) {
        var size = node.unique("extent");
        var extents = new ArrayList<Dimension>();
        for (int i = 0; i < known.size(); i++)
            extents.add(known.get(i).orElse(Extents.measured(size, i)));
        return node.apply(new Extents(size, extents), vector);
    }

    /// {@return integers or floats as int32; those beyond it are its least and greatest}
    static Value narrow(Translation node, Value value) {
        if (value.type().dtype() == DType.INT32) return value;
        double far = Integer.MAX_VALUE;
        boolean isWide = value.type().dtype() == DType.INT64;
        if (!isWide) return node.cast(value, DType.INT32); // floats saturate
        var low = node.apply(new Max(), value, node.like(value, -far));
        return node.cast(node.apply(new Min(), low, node.like(value, far)), DType.INT32);
    }

    private static Value int32(Translation node, long... values) {
        return node.cast(node.vector(values), DType.INT32);
    }

    /// {@return the extents of a value as int32, in front of them or behind them a number}
    private static Value own(Translation node, Value x, int before, int after, long fill) {
        var parts = new ArrayList<Value>();
        var filler = LongStream.generate(() -> fill);
        if (before > 0) parts.add(node.vector(filler.limit(before).toArray()));
        if (x.type().rank() > 0) parts.add(node.apply(new Shape(), x));
        if (after > 0) parts.add(node.vector(filler.limit(after).toArray()));
        if (parts.isEmpty()) parts.add(node.vector());
        var all = parts.size() == 1 ? parts.getFirst() : joined(node, parts);
        return node.cast(all, DType.INT32);
    }

    private static Value joined(Translation node, List<Value> parts) {
        return node.applyAll(new Concat(0), parts).getFirst();
    }

    private static Value either(Translation node, Value condition, Value a, Value b) {
        return node.apply(new Where(), condition, a, b);
    }

    private static Value equal(Translation node, Value a, double b) {
        return node.apply(new Equal(), a, node.like(a, b));
    }

    private static Value reduced(Translation node, Op op, Value x) {
        return node.apply(op, x, node.vector(0));
    }

    /// 0 copies an extent, −1 is what is left.
    static Value reshape(Translation node, boolean allowzero) {
        var x = node.input(0);
        var entries = node.entries(1);
        int rank = entries.size();
        int copied = Math.min(rank, node.rank(0));
        var wanted = narrow(node, node.input(1));
        if (!allowzero) {
            var first = own(node, x, 0, Math.max(0, rank - copied), 0);
            if (copied < node.rank(0))
                first = node.cast(node.apply(new Shape(0, copied), x), DType.INT32);
            wanted = either(node, equal(node, wanted, 0), first, wanted);
        }
        var isRest = equal(node, wanted, -1);
        var one = node.like(wanted, 1);
        var product = new ReduceProd(true, false);
        var others = reduced(node, product, either(node, isRest, one, wanted));
        var total = node.cast(node.apply(new Size(), x), DType.INT32);
        var filled = either(node, isRest, node.div(total, others), wanted);
        var rests = reduced(node, new ReduceSum(true, false), node.cast(isRest, DType.INT32));
        var holdsAll = node.apply(new Equal(), reduced(node, product, filled), total);
        var fits = node.apply(new And(), holdsAll, node.apply(new LessOrEqual(), rests, one));
        var known = new ArrayList<Optional<Dimension>>();
        for (int d = 0; d < rank; d++) {
            var entry = entries.get(d);
            boolean copies = !allowzero && d < copied && entry.filter(e -> e.is(0)).isPresent();
            known.add(
                    copies
                            ? Optional.of(node.shape(0).get(d))
                            : entry.filter(e -> !e.isFixed() || e.value() > 0));
        }
        var shape = extents(node, either(node, fits, filled, node.like(filled, -1)), known);
        return node.apply(new Reshape(true), x, shape);
    }

    /// An extent of 1, of the value or of the shape, takes the other's.
    static Value expand(Translation node, Value x, int input) {
        var entries = node.entries(input);
        int count = entries.size();
        int rank = Math.max(count, x.type().rank());
        var parts = new ArrayList<Value>();
        if (rank > count) parts.add(int32(node, ones(rank - count)));
        parts.add(narrow(node, node.input(input)));
        var shape = parts.size() == 1 ? parts.getFirst() : joined(node, parts);
        var own = own(node, x, rank - x.type().rank(), 0, 1);
        var wanted = either(node, equal(node, shape, 1), own, shape);
        var known = new ArrayList<Optional<Dimension>>();
        for (int d = 0; d < rank; d++) {
            int axis = d - (rank - x.type().rank());
            int entry = d - (rank - count);
            if (axis >= 0 && !x.type().shape().get(axis).is(1))
                known.add(Optional.of(x.type().shape().get(axis)));
            else known.add(entry < 0 ? Optional.of(Dimension.of(1)) : entries.get(entry));
        }
        return node.apply(new Expand(), x, extents(node, wanted, known));
    }

    private static long[] ones(int count) {
        return LongStream.generate(() -> 1).limit(count).toArray();
    }

    static Value tile(Translation node) {
        var repeats = extents(node, narrow(node, node.input(1)), node.entries(1));
        return node.apply(new Tile(), node.input(0), repeats);
    }

    /// {@return the numbers 0 … count − 1, as int64}
    ///
    /// @param count one number, int32
    private static Value counted(Translation node, Value count) {
        var zero = node.scalar(DType.INT64, 0);
        return node.apply(new Range(), zero, extent(node, count), node.scalar(DType.INT64, 1));
    }

    /// {@return an extent that is measured}
    ///
    /// @param count one number, int32
    static Value extent(Translation node, Value count) {
        var vector = node.apply(new Reshape(), count, node.vector(1));
        return extents(node, vector, List.of(Optional.empty()));
    }

    /// The numbers of what is counted in float64, as [Range] does it, or in int64; to count from 0
    /// takes neither.
    static Value range(Translation node, List<Value> bounds) {
        var dtype = bounds.get(0).type().dtype();
        var start = bounds.get(0);
        var limit = bounds.get(1);
        var delta = bounds.get(2);
        var zero = node.like(start, 0);
        if (dtype.isInteger() && is(node, start, 0) && is(node, delta, 1))
            return node.cast(
                    counted(node, narrow(node, node.apply(new Max(), limit, zero))), dtype);
        var wide = dtype.isFloat() ? DType.FLOAT64 : DType.INT64;
        var step = node.cast(delta, wide);
        var length = node.sub(node.cast(limit, wide), node.cast(start, wide));
        var none = node.like(step, 0);
        Value count;
        Value isWrong = node.apply(new Equal(), step, none);
        if (dtype.isFloat()) {
            count = node.apply(new Ceil(), node.div(length, step));
            isWrong = node.apply(new Or(), isWrong, node.apply(new IsNaN(), count));
        } else {
            var isBackwards = node.apply(new Less(), step, none);
            var less = either(node, isBackwards, node.like(step, 1), node.like(step, -1));
            count = node.div(node.add(node.add(length, step), less), step);
        }
        count = narrow(node, node.apply(new Max(), count, none));
        count = either(node, isWrong, node.like(count, -1), count);
        var numbers = node.cast(counted(node, count), dtype);
        return node.add(start, node.mul(numbers, delta));
    }

    private static boolean is(Translation node, Value value, double number) {
        var known = node.evaluate(value);
        return known != null && known.size() == 1 && known.getDouble(0) == number;
    }

    /// {@return the numbers 0 … depth − 1, as int32, along one axis}
    ///
    /// @param depth one number, int32
    static Value places(Translation node, Value depth, int rank, int axis) {
        var numbers = node.cast(counted(node, depth), DType.INT32);
        if (rank == 1) return numbers;
        var others = LongStream.range(0, rank).filter(d -> d != axis).toArray();
        return node.apply(new Unsqueeze(), numbers, node.vector(others));
    }

    /// {@return one number, int32, as a scalar}
    static Value oneHotDepth(Translation node) {
        return narrow(node, node.apply(new Reshape(), node.input(1), node.vector()));
    }

    static Value pad(Translation node, Pad.Mode mode) {
        int rank = node.rank(0);
        var entries = node.entries(1);
        int count = entries.size() / 2;
        var axes =
                node.has(3) ? node.knownIntegers(3, "axes") : LongStream.range(0, rank).toArray();
        if (axes.length != count || entries.size() % 2 != 0)
            throw node.wrong("pads", 2 * axes.length + " entries", node.type(1));
        var pads = narrow(node, node.input(1));
        var begins = new ArrayList<Value>();
        var known = new ArrayList<Optional<Dimension>>();
        var ends = new ArrayList<Value>();
        for (int d = 0; d < rank; d++) {
            int at = -1;
            for (int i = 0; i < count; i++) if (Math.floorMod(axes[i], rank) == d) at = i;
            var extent = node.shape(0).get(d);
            begins.add(at < 0 ? int32(node, 0) : entry(node, pads, at));
            ends.add(at < 0 ? int32(node, 0) : entry(node, pads, count + at));
            var before = at < 0 ? Optional.of(Dimension.of(0)) : entries.get(at);
            var after = at < 0 ? Optional.of(Dimension.of(0)) : entries.get(count + at);
            known.add(before.flatMap(b -> after.map(a -> extent.plus(b).plus(a))));
        }
        var all = node.add(joined(node, begins), joined(node, ends));
        var wanted = node.apply(new Add(), own(node, node.input(0), 0, 0, 0), all);
        return node.apply(
                new Pad(mode),
                node.input(0),
                node.input(1),
                node.optional(2),
                node.optional(3),
                extents(node, wanted, known));
    }

    /// Each place of an axis is one of the input's, moved by half of what it is longer, or 0.
    ///
    /// @param axes those that the wanted extents belong to
    static Value centerCropPad(Translation node, List<Integer> axes) {
        var x = node.input(0);
        var wanted =
                node.isMeasured(1)
                        ? extents(node, narrow(node, node.input(1)), node.entries(1))
                        : node.cast(node.input(1), DType.INT64);
        int rank = x.type().rank();
        Value isInside = node.scalar(DType.BOOL, 1);
        for (int i = 0; i < axes.size(); i++) {
            int axis = axes.get(i);
            var want = entry(node, wanted, i);
            var extent = node.cast(node.apply(new Shape(axis, axis + 1), x), DType.INT32);
            var surplus = node.sub(extent, node.cast(want, DType.INT32));
            var half = node.div(surplus, node.like(surplus, 2)); // towards 0
            var from = node.add(node.below(want), half);
            var last = node.sub(extent, node.like(from, 1));
            var low = node.apply(new LessOrEqual(), node.like(from, 0), from);
            var both = node.apply(new And(), low, node.apply(new LessOrEqual(), from, last));
            var others = LongStream.range(0, rank).filter(d -> d != axis).toArray();
            both = node.apply(new Unsqueeze(), both, node.vector(others));
            isInside = node.apply(new And(), isInside, both);
            var near = node.apply(new Max(), node.apply(new Min(), from, last), node.like(from, 0));
            x = node.apply(new Gather(axis), x, near);
        }
        return either(node, isInside, x, node.like(x, 0));
    }

    /// @param op whose axes the sizes belong to
    static Value resize(Translation node, Resize op) {
        var sizes = extents(node, narrow(node, node.input(3)), node.entries(3));
        return node.apply(op, node.input(0), Value.ABSENT, Value.ABSENT, sizes);
    }

    private static Value entry(Translation node, Value vector, long at) {
        return node.apply(new Gather(0), vector, node.vector(at));
    }
}
