package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.LongStream;

/// Adds elements before and after axes, or takes some away (negative pads).
///
/// `output[o…] = data[o − begin …]`; a position outside gives the constant, or is moved inside: to
/// the nearest end (EDGE), mirrored at the ends without repeating them (REFLECT), or around (WRAP).
///
/// | | shape | dtype |
/// |---|---|---|
/// | data | any | any |
/// | pads | `[2·n]`: n begins, then n ends; known when compiling, or data | int32 or int64 |
/// | constant_value (may be absent: 0) | one element | as data |
/// | axes (may be absent: all) | `[n]`, known when compiling | int64 |
/// | extents (where pads are data, else absent) | one for each axis of data: what the output has, known in terms of symbols | int64 |
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
        var expect = Expect.of(in).count(2, 5);
        var data = expect.input(0, "data").numericOrBool().type();
        expect.input(1, "pads").index().rank(1);
        expect.optional(2, "constant_value").dtype(data.dtype()).single();
        expect.optional(3, "axes").index().rank(1);
        if (in.has(4)) {
            expect.input(4, "extents").index().shape(Shape.of(Dimension.of(data.rank())));
            return List.of(data.with(new Shape(in.dimensions(4, "extents"))));
        }
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
        var axes = axes(in);
        if (pads.length != 2 * axes.length) {
            throw GraphException.of(
                    "Pad", "pads", 2 * axes.length + " entries", Arrays.toString(pads));
        }
        var spread = new long[rank];
        var order = Axes.of("Pad", axes, rank);
        for (int i = 0; i < order.size(); i++) spread[order.get(i)] = pads[half * order.size() + i];
        return spread;
    }

    private static long[] axes(Operands in) {
        return in.has(3) ? in.longs(3, "axes") : LongStream.range(0, in.type(0).rank()).toArray();
    }

    @Override
    public Lowering lower(Operands in) {
        return in.has(4) ? lowerData(in) : lowerKnown(in);
    }

    private Lowering lowerKnown(Operands in) {
        var begins = begins(in);
        var ends = ends(in);
        return each(
                in,
                (d, o) -> {
                    var position = o.minus(begins[d]);
                    boolean padded = begins[d] > 0 || ends[d] > 0;
                    return padded ? moved(position, in.extent(0, d)) : position;
                });
    }

    private Lowering lowerData(Operands in) {
        var order = Axes.of("Pad", axes(in), in.type(0).rank());
        return each(
                in,
                (d, o) -> {
                    int i = order.indexOf(d);
                    if (i < 0) return o;
                    var begin = in.load(1, Expr.of(i)).cast(DType.INT32);
                    return moved(o.minus(begin), in.extent(0, d));
                });
    }

    /// @param at which element of an axis belongs to an index into the output
    private Lowering each(Operands in, BiFunction<Integer, Expr, Expr> at) {
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var index = new ArrayList<Expr>();
                    for (int d = 0; d < o.size(); d++) index.add(at.apply(d, o.get(d)));
                    return mode == Mode.CONSTANT
                            ? in.loadOr(0, index, constant(in))
                            : in.load(0, index);
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
