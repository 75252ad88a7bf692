package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// The extents of axes `start … end − 1` as a vector: `data`, any, to int64 `[end − start]`.
///
/// Negative bounds count from the end; both are limited to the rank. Known when compiling as far as
/// the extents are.
///
/// Source: ONNX Shape-25.
public record Shape(int start, int end) implements Primitive, KnowsExtents {
    /// All axes.
    public Shape() {
        this(0, Integer.MAX_VALUE);
    }

    private static int limited(int bound, int rank) {
        return Math.clamp(bound < 0 ? (long) bound + rank : bound, 0, rank);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        int rank = Expect.of(in).count(1, 1).input(0, "data").type().rank();
        int count = Math.max(0, limited(end, rank) - limited(start, rank));
        return List.of(TensorType.of(DType.INT64, count));
    }

    @Override
    public List<Dimension> extents(Operands in) {
        int rank = in.type(0).rank();
        int first = limited(start, rank);
        return in.shape(0).dimensions().subList(first, Math.max(first, limited(end, rank)));
    }

    @Override
    public Lowering lower(Operands in) {
        var type = infer(in).getFirst();
        int first = limited(start, in.type(0).rank());
        return Compute.each(
                type,
                o -> {
                    int last = type.shape().size(0) - 1;
                    Expr extent = Expr.of(last < 0 ? 0 : 1);
                    for (int i = last; i >= 0; i--) {
                        var here = Expr.of(in.extent(0, first + i));
                        extent =
                                i == last
                                        ? here
                                        : o.get(0).isEqualTo(Expr.of(i)).select(here, extent);
                    }
                    return extent.cast(DType.INT64);
                });
    }
}
