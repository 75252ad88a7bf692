package io.webdnn.compiler.layout;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Linear;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// How the elements of a tensor lie in its memory: row-major scalars, or row-major texels of four.
///
/// With a lane axis `l`, the element at index `i` is lane `i[l] mod 4` of texel `rowMajor(i with
/// i[l] div 4)`, the axis being padded to a multiple of four. This is the only place where logical
/// indices become offsets.
///
/// Texels may lie in several *layers*, so that an invocation writes as many neighbours of one axis
/// as there are layers: the [#across] axis is then the innermost, padded to a multiple of `layers`,
/// and texel `t` is texel `t div layers` of layer `t mod layers`.
///
/// @param shape the logical extents
/// @param lane the axis whose elements lie side by side in a texel; [#SCALARS] for an array of
///   scalars; [#SINGLE] for a texel that holds one element (rank 0)
/// @param layers a power of two; 1 for texels that lie in one plane
public record Layout(Shape shape, int lane, int layers) {
    /// No texels: an array of scalars.
    public static final int SCALARS = -2;

    /// The one element of a rank-0 tensor, in lane 0.
    public static final int SINGLE = -1;

    /// {@return row-major scalars}
    public static Layout rowMajor(Shape shape) {
        return new Layout(shape, SCALARS, 1);
    }

    /// {@return texels with the channel axis of images (rank 4 and more), else the last axis, in
    /// the lanes}
    public static Layout texels(Shape shape) {
        return new Layout(shape, shape.rank() >= 4 ? 1 : shape.rank() - 1, 1);
    }

    /// {@return the same texels in so many layers}
    public Layout inLayers(int count) {
        return new Layout(shape, lane, count);
    }

    /// {@return the axis whose neighbours lie in different layers: the last that is not in the
    /// lanes; -1 if there is none}
    public int across() {
        return lane == shape.rank() - 1 ? lane - 1 : shape.rank() - 1;
    }

    /// {@return the axes from the outermost to the innermost}
    public List<Integer> order() {
        var order = new ArrayList<Integer>();
        for (int d = 0; d < shape.rank(); d++) if (layers == 1 || d != across()) order.add(d);
        if (layers > 1) order.add(across());
        return order;
    }

    /// {@return whether offsets count texels}
    public boolean isTexels() {
        return lane != SCALARS;
    }

    /// {@return the extents of the array of scalars or texels}
    public Shape units() {
        var units = lane >= 0 ? shape.with(lane, groups(shape.get(lane), 4)) : shape;
        return layers == 1
                ? units
                : units.with(across(), groups(shape.get(across()), layers).times(layers));
    }

    private static Dimension groups(Dimension extent, int size) {
        return extent.plus(size - 1).floorDividedBy(size);
    }

    /// {@return the number of offsets, or of texels of one layer}
    public Dimension places() {
        return units().elements().floorDividedBy(layers);
    }

    /// {@return the number of texels of one layer, 0 if it is not known when compiling}
    public long texels() {
        return places().isFixed() ? places().value() : 0;
    }

    /// {@return how wide a texture is, a power of two: not wider than high, because devices compute
    /// squares of 2 × 2 fragments and keep squares of texels together, but never too high}
    ///
    /// @param texels how many it holds, 0 if that is not known
    /// @param texture the largest side of a texture
    public static int width(long texels, int texture) {
        if (texels == 0) return texture;
        int width = texels == 1 ? 1 : 2;
        while (4L * width * width <= texels || (texels + width - 1) / width > texture) width *= 2;
        return Math.min(width, texture);
    }

    /// {@return the number of scalars stored, padding included}
    public Dimension elements() {
        return isTexels() ? units().elements().times(4) : shape.elements();
    }

    /// {@return the offset of the scalar or the texel at a logical index, simplified}
    public Expr offset(List<? extends Expr> index) {
        var units = new ArrayList<Expr>(index);
        if (lane >= 0) units.set(lane, index.get(lane).floorDividedBy(4));
        var extents = units();
        Expr offset = Expr.of(0);
        var order = order();
        var inOrder = new Shape(order.stream().map(extents::get).toList());
        for (int p = 0; p < order.size(); p++) {
            var stride = inOrder.elements(p + 1, inOrder.rank());
            offset = offset.plus(units.get(order.get(p)).times(Expr.of(stride)));
        }
        return offset.dtype() == DType.INT32 ? Linear.of(offset).recombined().toExpr() : offset;
    }

    /// {@return the lane of the element at a logical index}
    public Expr laneOf(List<? extends Expr> index) {
        return lane >= 0 ? index.get(lane).floorModulo(4) : Expr.of(0);
    }
}
