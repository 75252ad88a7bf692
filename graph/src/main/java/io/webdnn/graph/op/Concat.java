package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// Joins one or more tensors along an axis; the other extents agree. All: one dtype, any.
///
/// Source: ONNX Concat-13.
///
/// @param axis negative ones from the end
public record Concat(int axis) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var first = Expect.of(in).alike();
        int along = first.axis(axis);
        var total = Dimension.of(0);
        for (int i = 0; i < in.count(); i++) {
            var type = Expect.of(in).input(i, "input " + i).rank(first.type().rank()).type();
            var extent = type.shape().get(along);
            if (!type.shape().equals(first.type().shape().with(along, extent))) {
                throw GraphException.of(
                        "Concat",
                        "input " + i,
                        "the extents of " + first.type().shape() + " but on axis " + along,
                        type.shape());
            }
            total = total.plus(extent);
        }
        return List.of(first.type().with(first.type().shape().with(along, total)));
    }

    @Override
    public Lowering lower(Operands in) {
        int along = axis < 0 ? axis + in.shape(0).rank() : axis;
        var begins = new ArrayList<Dimension>();
        var begin = Dimension.of(0);
        for (int i = 0; i < in.count(); i++) {
            begins.add(begin);
            begin = begin.plus(in.extent(i, along));
        }
        return Compute.each(infer(in).getFirst(), o -> pick(in, 0, in.count(), begins, along, o));
    }

    /// One of the operands from `first` on, before `end`, found by halving them.
    private static Expr pick(
            Operands in, int first, int end, List<Dimension> begins, int along, List<Index> o) {
        var place = o.get(along);
        if (end - first == 1) {
            var at = new ArrayList<Expr>(o);
            at.set(along, place.minus(Expr.of(begins.get(first))));
            return in.load(first, at);
        }
        int middle = (first + end) / 2;
        return place.less(Expr.of(begins.get(middle)))
                .select(
                        pick(in, first, middle, begins, along, o),
                        pick(in, middle, end, begins, along, o));
    }
}
