package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Takes every `step`-th element of a range of each axis: `output[o…] = data[start + o·step …]`.
///
/// data: any shape, any dtype. starts, ends, and optionally axes (all, in order) and steps (1):
/// int64 vectors of one length that are known when compiling, starts and ends but for symbols. A
/// negative bound counts from the end; bounds are limited to the axis, as numpy does; a negative
/// step goes backwards from `start` to just before `end`.
///
/// A symbolic axis is taken to have one element at least where bounds are 0, 1 or the end, and as
/// much as they cut off. Symbolic bounds must be known to be 0 or more, or to be negative.
///
/// Source: ONNX Slice-13.
public record Slice() implements Primitive {
    private static final long FAR = Integer.MAX_VALUE;

    /// Start, step and number of elements on one axis.
    private record Cut(Dimension start, long step, Dimension count) {}

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 5);
        var data = expect.input(0, "data").type();
        for (int i = 1; i < 3; i++) expect.input(i, i == 1 ? "starts" : "ends").index().rank(1);
        expect.optional(3, "axes").index().rank(1);
        expect.optional(4, "steps").index().rank(1);
        return List.of(data.with(new Shape(cuts(in).stream().map(Cut::count).toList())));
    }

    private static List<Cut> cuts(Operands in) {
        var shape = in.shape(0);
        var starts = in.dimensions(1, "starts");
        var ends = in.dimensions(2, "ends");
        int n = starts.size();
        var axes = in.has(3) ? in.longs(3, "axes") : LongStream.range(0, n).toArray();
        var steps =
                in.has(4) ? in.longs(4, "steps") : LongStream.generate(() -> 1).limit(n).toArray();
        if (ends.size() != n || axes.length != n || steps.length != n) {
            throw GraphException.of(
                    "Slice",
                    "ends, axes, steps",
                    n + " entries each, as starts",
                    ends.size() + ", " + axes.length + ", " + steps.length);
        }
        var cuts = new ArrayList<Cut>();
        for (var extent : shape.dimensions()) cuts.add(new Cut(Dimension.of(0), 1, extent));
        var order = Axes.of("Slice", axes, shape.rank());
        for (int i = 0; i < n; i++) {
            if (steps[i] == 0) throw GraphException.of("Slice", "steps", "no 0", steps[i]);
            int d = order.get(i);
            long step = Math.clamp(steps[i], -FAR, FAR);
            cuts.set(d, cut(shape.get(d), near(starts.get(i)), near(ends.get(i)), step));
        }
        return cuts;
    }

    /// {@return a bound; beyond all extents none is farther than another, and sums stay numbers}
    private static Dimension near(Dimension bound) {
        return bound.isFixed() ? Dimension.of(Math.clamp(bound.value(), -FAR, FAR)) : bound;
    }

    private static Cut cut(Dimension extent, Dimension start, Dimension end, long step) {
        boolean isKnown = start.isFixed() && end.isFixed();
        if (isKnown && extent.isFixed())
            return fixed(extent.value(), start.value(), end.value(), step);
        var plain = isKnown ? plain(extent, start.value(), end.value(), step) : null;
        return plain == null ? limited(extent, start, end, step) : plain;
    }

    /// Bounds that are compared with the extent.
    private static Cut limited(Dimension extent, Dimension start, Dimension end, long step) {
        var from = place(extent, start, step);
        var to = place(extent, end, step);
        long size = Math.abs(step);
        var length = (step > 0 ? to.minus(from) : from.minus(to)).max(Dimension.of(0));
        return new Cut(from, step, length.plus(size - 1).floorDividedBy(size));
    }

    /// {@return the place that a bound means: 0 … extent, backwards −1 … extent − 1}
    private static Dimension place(Dimension extent, Dimension bound, long step) {
        var low = Dimension.of(step > 0 ? 0 : -1);
        var high = extent.plus(low);
        if (bound.isFixed() && Math.abs(bound.value()) >= FAR)
            return bound.value() < 0 ? low : high;
        if (bound.isNonNegative()) return bound.min(high);
        if (bound.times(-1).plus(-1).isNonNegative()) return extent.plus(bound).max(low);
        throw GraphException.of(
                "Slice", "starts, ends", "bounds known to be >= 0, or to be negative", bound);
    }

    private static Cut fixed(long extent, long start, long end, long step) {
        long low = step > 0 ? 0 : -1; // where a bound may lie: one before the axis when backwards
        long high = step > 0 ? extent : extent - 1;
        long from = Math.clamp(start < 0 ? start + extent : start, low, high);
        long to = Math.clamp(end < 0 ? end + extent : end, low, high);
        long count = Math.max(0, Math.ceilDiv(to - from, step));
        return new Cut(Dimension.of(from), step, Dimension.of(count));
    }

    /// {@return a cut whose bounds need not be compared with the extent, or null}
    private static @Nullable Cut plain(Dimension extent, long start, long end, long step) {
        var from = start >= 0 && start < FAR ? Dimension.of(start) : extent.plus(start);
        var to = end >= 0 && end < FAR ? Dimension.of(end) : extent.plus(end);
        boolean isKnown;
        if (step > 0) {
            if (end >= FAR) to = extent;
            boolean fromBegin = start >= 0 && start < FAR && (end < 0 || end >= FAR);
            isKnown = fromBegin || start == 0 && end <= 1 || start == -1 && end >= FAR;
        } else {
            if (start >= FAR) from = extent.plus(-1);
            if (end <= -FAR) to = Dimension.of(-1);
            isKnown = (start >= FAR || start == -1) && (end <= -FAR || end >= 0 && end < FAR);
        }
        if (!isKnown) return null;
        long size = Math.abs(step);
        var length = step > 0 ? to.minus(from) : from.minus(to);
        return new Cut(from, step, length.plus(size - 1).floorDividedBy(size));
    }

    @Override
    public Lowering lower(Operands in) {
        var cuts = cuts(in);
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var at = new ArrayList<Expr>();
                    for (int d = 0; d < cuts.size(); d++) {
                        var cut = cuts.get(d);
                        at.add(o.get(d).times(cut.step).plus(Expr.of(cut.start)));
                    }
                    return in.load(0, at);
                });
    }
}
