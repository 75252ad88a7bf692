package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// Adds elements before and after axes, or takes some away (negative pads).
///
/// `output[o…] = data[o − begin …]`; a position outside gives the constant, or is moved inside: to
/// the nearest end (EDGE), mirrored at the ends without repeating them (REFLECT), or around (WRAP).
///
/// | | shape | dtype |
/// |---|---|---|
/// | data | any | any |
/// | pads | `[2·n]`: n begins, then n ends; known when compiling | int64 |
/// | constant_value (may be absent: 0) | one element | as data |
/// | axes (may be absent: all) | `[n]`, known when compiling | int64 |
///
/// Source: ONNX Pad-25.
public record Pad(Mode mode) implements Primitive {
    /// What stands outside.
    public enum Mode {
        CONSTANT,
        REFLECT,
        EDGE,
        WRAP
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 4);
        var data = expect.input(0, "data").numericOrBool().type();
        expect.input(1, "pads").index().rank(1);
        expect.optional(2, "constant_value").dtype(data.dtype()).single();
        expect.optional(3, "axes").index().rank(1);
        var begins = begins(in);
        var ends = ends(in);
        var extents = new ArrayList<Dimension>();
        for (int d = 0; d < data.rank(); d++) {
            var extent = data.shape().get(d);
            var padded = extent.plus(begins[d]).plus(ends[d]);
            boolean isEmpty = extent.is(0) && !padded.is(0) && mode != Mode.CONSTANT;
            if (isEmpty || padded.isFixed() && padded.value() < 0) {
                throw GraphException.of(
                        "Pad",
                        "pads",
                        (isEmpty ? "none" : "no more cut off than there is") + " on axis " + d,
                        begins[d] + ", " + ends[d] + " for data " + data.shape());
            }
            extents.add(padded);
        }
        return List.of(data.with(new Shape(extents)));
    }

    private static long[] begins(Operands in) {
        return spread(in, 0);
    }

    private static long[] ends(Operands in) {
        return spread(in, 1);
    }

    /// {@return the first or second half of the pads, one per axis of data}
    private static long[] spread(Operands in, int half) {
        int rank = in.type(0).rank();
        var pads = in.longs(1, "pads");
        var axes = in.has(3) ? in.longs(3, "axes") : LongStream.range(0, rank).toArray();
        if (pads.length != 2 * axes.length) {
            throw GraphException.of(
                    "Pad", "pads", 2 * axes.length + " entries", Arrays.toString(pads));
        }
        var spread = new long[rank];
        var order = Axes.of("Pad", axes, rank);
        for (int i = 0; i < order.size(); i++) spread[order.get(i)] = pads[half * order.size() + i];
        return spread;
    }

    @Override
    public Lowering lower(Operands in) {
        var begins = begins(in);
        var ends = ends(in);
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var at = new ArrayList<Expr>();
                    for (int d = 0; d < begins.length; d++) {
                        var position = o.get(d).minus(begins[d]);
                        boolean padded = begins[d] > 0 || ends[d] > 0;
                        at.add(padded ? moved(position, in.extent(0, d)) : position);
                    }
                    return mode == Mode.CONSTANT ? in.loadOr(0, at, constant(in)) : in.load(0, at);
                });
    }

    private Expr moved(Expr position, Dimension extent) {
        var size = Expr.of(extent);
        var last = Expr.of(extent.plus(-1));
        return switch (mode) {
            case CONSTANT -> position;
            case EDGE -> position.max(Expr.of(0)).min(last);
            case WRAP -> position.floorModulo(size);
            case REFLECT -> {
                var period = last.times(2);
                var forwards = position.floorModulo(period);
                yield forwards.min(period.minus(forwards));
            }
        };
    }

    private static Expr constant(Operands in) {
        if (!in.has(2)) return Expr.of(in.type(0).dtype(), 0);
        return in.load(2, in.shape(2).dimensions().stream().map(_ -> Expr.of(0)).toList());
    }
}
