package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Floor;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Or;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Sign;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;

/// The largest element of each cell of regions of images: region r `(image, x₁, y₁, x₂, y₂)`, its
/// corners scaled, rounded and included, is divided into cells `⌊i·h / P⌋ ≤ y < ⌈(i + 1)·h / P⌉`, h
/// being its height, at least 1, and P the number of cells; what is outside the image is left out,
/// and a cell without elements is 0.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, H, W]`, H and W fixed | float |
/// | rois | `[R, 5]` | as X |
/// | Y | `[R, C, P, Q]` | as X |
///
/// Source: ONNX MaxRoiPool-22; Girshick, Fast R-CNN 2015.
final class RegionPooling {
    private RegionPooling() {}

    static Value pooled(Translation node) {
        var cells = node.integers("pooled_shape", 2, 1);
        float scale = node.real("spatial_scale", 1);
        if (!node.hasAttribute("pooled_shape") || cells.stream().anyMatch(c -> c < 1))
            throw node.wrong("pooled_shape", "height and width >= 1", cells);
        if (node.rank(0) != 4) throw node.wrong("X", "rank 4", node.type(0));
        if (node.rank(1) != 2 || !node.shape(1).get(1).is(5))
            throw node.wrong("rois", "[R, 5]", node.type(1));
        var down = Line.of(node, 0, cells.getFirst(), scale);
        var right = Line.of(node, 1, cells.getLast(), scale);
        var image = node.cast(column(node, 0), DType.INT64);
        var x = node.apply(new Gather(0), node.input(0), image);
        var spread = node.apply(new Unsqueeze(), x, node.vector(2, 3)); // [R, C, 1, 1, H, W]
        var rows = node.apply(new Unsqueeze(), down.isInside, node.vector(1, 3, 5));
        var columns = node.apply(new Unsqueeze(), right.isInside, node.vector(1, 2, 4));
        var isInside = node.apply(new And(), rows, columns);
        var lowest = node.like(x, Double.NEGATIVE_INFINITY);
        var cell = node.apply(new Where(), isInside, spread, lowest);
        var most = node.apply(new ReduceMax(false), cell, node.vector(4, 5));
        var isEmpty =
                node.apply(
                        new Or(),
                        node.apply(new Unsqueeze(), down.isEmpty, node.vector(1, 3)),
                        node.apply(new Unsqueeze(), right.isEmpty, node.vector(1, 2)));
        return node.apply(new Where(), isEmpty, node.like(x, 0), most);
    }

    /// {@return a number of each region, `[R]`}
    private static Value column(Translation node, long which) {
        return node.apply(
                new Gather(1), node.input(1), node.constant(Tensor.of(new long[] {which})));
    }

    /// One axis: which elements are in which cells.
    ///
    /// @param isInside `[R, cells, extent]`
    /// @param isEmpty `[R, cells]`
    private record Line(Value isInside, Value isEmpty) {
        /// @param axis 0 for the height, 1 for the width
        static Line of(Translation node, int axis, int cells, float scale) {
            int extent = node.fixed(0, axis + 2);
            var start = corner(node, 2 - axis, scale);
            var last = corner(node, 4 - axis, scale);
            var one = node.scalar(DType.INT32, 1);
            var length = node.apply(new Max(), node.add(node.sub(last, start), one), one);
            var cell = node.count(2, 1, cells);
            var count = node.scalar(DType.INT32, cells);
            var behind = node.add(node.mul(node.add(cell, one), length), node.sub(count, one));
            var low = node.add(start, node.div(node.mul(cell, length), count));
            var high = node.add(start, node.div(behind, count));
            low = node.apply(new Max(), low, node.scalar(DType.INT32, 0));
            high = node.apply(new Min(), high, node.scalar(DType.INT32, extent));
            var element = node.count(3, 2, extent);
            var behindAll = node.vector(2);
            var isInside =
                    node.apply(
                            new And(),
                            node.apply(
                                    new LessOrEqual(),
                                    node.apply(new Unsqueeze(), low, behindAll),
                                    element),
                            node.apply(
                                    new Less(),
                                    element,
                                    node.apply(new Unsqueeze(), high, behindAll)));
            return new Line(isInside, node.apply(new LessOrEqual(), high, low));
        }

        /// {@return a corner, rounded to the nearest element, half away from 0, `[R, 1]`}
        private static Value corner(Translation node, int which, float scale) {
            var wide = ReductionOperators.wide(node.type(1).dtype());
            var place = node.cast(column(node, which), wide);
            place = node.mul(place, node.like(place, scale));
            var magnitude = node.add(node.apply(new Abs(), place), node.like(place, 0.5));
            var rounded =
                    node.mul(node.apply(new Sign(), place), node.apply(new Floor(), magnitude));
            return node.apply(new Unsqueeze(), node.cast(rounded, DType.INT32), node.vector(1));
        }
    }
}
