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
        return Compute.each(infer(in).getFirst(), o -> pick(in, 0, Dimension.of(0), o));
    }

    /// Operand `i` begins at `offset`; what lies behind it belongs to the next ones.
    private Expr pick(Operands in, int i, Dimension offset, List<Index> o) {
        int along = axis < 0 ? axis + o.size() : axis;
        var at = new ArrayList<Expr>(o);
        at.set(along, o.get(along).minus(Expr.of(offset)));
        var here = in.load(i, at);
        if (i == in.count() - 1) return here;
        var end = offset.plus(in.extent(i, along));
        return o.get(along).less(Expr.of(end)).select(here, pick(in, i + 1, end, o));
    }
}
