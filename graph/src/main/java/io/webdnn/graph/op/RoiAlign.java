package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.List;

/// Regions of images brought to one size: `Y[r, c, i, j]` is the mean or the maximum of X, taken
/// linearly between its elements, at a grid of places in cell (i, j) of region r.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, H, W]` | float |
/// | rois, `x₁, y₁, x₂, y₂` | `[R, 4]` | as X |
/// | batch, which image | `[R]` | int64 |
/// | Y | `[R, C, height, width]` | as X |
///
/// Corners are multiplied by `scale`; with `halfPixel` the centre of the first element is at 0.5,
/// without, it is at 0 and a region is at least 1 wide and high. A cell has `samples` places along
/// each axis, or, for 0, as many as it is elements long, rounded up; the regions must then be known
/// when compiling. A place more than 1 outside counts as 0. The maximum is that of the weighted
/// elements, not of their sums, as ONNX has it.
///
/// Source: ONNX RoiAlign-22; He et al. 2017.
public record RoiAlign(
        boolean maximum, int height, int width, int samples, float scale, boolean halfPixel)
        implements Primitive {
    public RoiAlign {
        if (height < 1) throw GraphException.of("RoiAlign", "height", ">= 1", height);
        if (width < 1) throw GraphException.of("RoiAlign", "width", ">= 1", width);
        if (samples < 0) throw GraphException.of("RoiAlign", "samples", ">= 0", samples);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 3);
        var x = expect.input(0, "X").floating().rank(4).type();
        var rois = expect.input(1, "rois").dtype(x.dtype()).rank(2);
        var count = rois.extent(1, Dimension.of(4), "corners").type().shape().get(0);
        expect.input(2, "batch_indices").index().shape(Shape.of(count));
        if (samples == 0) in.constant(1, "rois");
        for (int d = 2; d < 4; d++)
            if (x.shape().get(d).is(0))
                throw GraphException.of("RoiAlign", "X", "an element on axis " + d, x);
        return List.of(
                x.with(
                        Shape.of(
                                count,
                                x.shape().get(1),
                                Dimension.of(height),
                                Dimension.of(width))));
    }

    /// {@return the most places that a cell has along an axis}
    private int most(Operands in, int axis, int cells) {
        if (samples > 0) return samples;
        var rois = in.constant(1, "rois");
        double most = 1;
        for (int r = 0; r < rois.shape()[0]; r++) {
            double length =
                    (rois.getDouble(4 * r + 3 - axis) - rois.getDouble(4 * r + 1 - axis)) * scale;
            most = Math.max(most, Math.ceil(length / cells));
        }
        return (int) Math.min(most + 1, 1 << 16); // rounding may add one
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(infer(in).getFirst(), o -> cell(in, o));
    }

    private Expr cell(Operands in, List<Index> o) {
        var dtype = Accumulation.of(in.type(0).dtype());
        var i = new Index("i", Dimension.of(most(in, 0, height)));
        var j = new Index("j", Dimension.of(most(in, 1, width)));
        var down = new Line(in, o, 0, height, i, dtype);
        var right = new Line(in, o, 1, width, j, dtype);
        var zero = Expr.of(dtype, 0);
        var isInside = down.isInside().and(right.isInside());
        var image = in.load(2, o.getFirst()).cast(DType.INT32);
        Expr sum = zero;
        Expr largest = zero;
        for (int corner = 0; corner < 4; corner++) {
            var at = List.of(image, o.get(1), down.at(corner / 2), right.at(corner % 2));
            var weight = down.weight(corner / 2).times(right.weight(corner % 2));
            var part = weight.times(in.load(0, at).cast(dtype));
            sum = sum.plus(part);
            largest = corner == 0 ? part : largest.max(part);
        }
        var value = isInside.select(maximum ? largest : sum, zero);
        var isPlace = down.isPlace().and(right.isPlace());
        var places = List.of(i, j);
        Expr result;
        if (maximum) {
            var lowest = Expr.of(dtype, Double.NEGATIVE_INFINITY);
            result = new Reduce(Reduce.Operator.MAX, places, isPlace.select(value, lowest));
        } else {
            var count = down.count().times(right.count()).max(Expr.of(dtype, 1));
            result = Expr.sum(places, isPlace.select(value, zero)).dividedBy(count);
        }
        return result.cast(in.type(0).dtype());
    }

    /// One axis of a cell: places along it, and the two elements beside each.
    private final class Line {
        private final DType dtype;
        private final Expr extent;
        private final Expr length;
        private final Expr place;
        private final Index k;
        private final int cells;

        Line(Operands in, List<Index> o, int axis, int cells, Index k, DType dtype) {
            this.dtype = dtype;
            this.k = k;
            this.cells = cells;
            extent = Expr.of(in.extent(0, axis + 2));
            var offset = Expr.of(dtype, halfPixel ? 0.5 : 0);
            var factor = Expr.of(dtype, scale);
            var start = corner(in, o, 1 - axis).times(factor).minus(offset);
            var end = corner(in, o, 3 - axis).times(factor).minus(offset);
            var whole = end.minus(start);
            length = halfPixel ? whole : whole.max(Expr.of(dtype, 1));
            var bin = length.dividedBy(Expr.of(dtype, cells));
            var middle = k.cast(dtype).plus(Expr.of(dtype, 0.5));
            place =
                    start.plus(o.get(axis + 2).cast(dtype).times(bin))
                            .plus(middle.times(bin).dividedBy(count()));
        }

        private Expr corner(Operands in, List<Index> o, int which) {
            return in.load(1, o.getFirst(), Expr.of(which)).cast(dtype);
        }

        /// {@return how many places there are}
        Expr count() {
            if (samples > 0) return Expr.of(dtype, samples);
            return length.dividedBy(Expr.of(dtype, cells)).apply(Unary.Operator.CEIL);
        }

        Expr isPlace() {
            return samples > 0 ? Literal.of(true) : k.cast(dtype).less(count());
        }

        Expr isInside() {
            return Expr.of(dtype, -1).lessOrEqual(place).and(place.lessOrEqual(extent.cast(dtype)));
        }

        private Expr clamped() {
            return place.max(Expr.of(dtype, 0)).min(extent.minus(1).cast(dtype));
        }

        Expr at(int which) {
            var low = clamped().apply(Unary.Operator.FLOOR).cast(DType.INT32);
            return which == 0 ? low : low.plus(1).min(extent.minus(1));
        }

        Expr weight(int which) {
            var after = clamped().minus(clamped().apply(Unary.Operator.FLOOR));
            return which == 0 ? Expr.of(dtype, 1).minus(after) : after;
        }
    }
}
