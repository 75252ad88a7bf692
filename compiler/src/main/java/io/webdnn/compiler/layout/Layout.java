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
/// @param shape the logical extents
/// @param lane the axis whose elements lie side by side in a texel; [#SCALARS] for an array of
///   scalars; [#SINGLE] for a texel that holds one element (rank 0)
public record Layout(Shape shape, int lane) {
    /// No texels: an array of scalars.
    public static final int SCALARS = -2;

    /// The one element of a rank-0 tensor, in lane 0.
    public static final int SINGLE = -1;

    /// {@return row-major scalars}
    public static Layout rowMajor(Shape shape) {
        return new Layout(shape, SCALARS);
    }

    /// {@return texels with the channel axis of images (rank 4 and more), else the last axis, in
    /// the lanes}
    public static Layout texels(Shape shape) {
        return new Layout(shape, shape.rank() >= 4 ? 1 : shape.rank() - 1);
    }

    /// {@return whether offsets count texels}
    public boolean isTexels() {
        return lane != SCALARS;
    }

    /// {@return the extents of the array of scalars or texels}
    public Shape units() {
        return lane >= 0 ? shape.with(lane, shape.get(lane).plus(3).floorDividedBy(4)) : shape;
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
        for (int d = 0; d < units.size(); d++) {
            offset =
                    offset.plus(
                            units.get(d).times(Expr.of(extents.elements(d + 1, extents.rank()))));
        }
        return offset.dtype() == DType.INT32 ? Linear.of(offset).recombined().toExpr() : offset;
    }

    /// {@return the lane of the element at a logical index}
    public Expr laneOf(List<? extends Expr> index) {
        return lane >= 0 ? index.get(lane).floorModulo(4) : Expr.of(0);
    }
}
