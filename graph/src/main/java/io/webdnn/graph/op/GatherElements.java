package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Takes one element for each index: `output[o…] = data[o…]` with `indices[o…]` in the place of
/// `o[axis]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | data | any of rank ≥ 1 | any |
/// | indices | the same rank, nowhere longer than data but on `axis` | int32, int64 |
/// | output | as indices | as data |
///
/// A negative index counts from the end; others outside are a mistake of the model. Source: ONNX
/// GatherElements-13.
///
/// @param axis negative ones from the end
public record GatherElements(int axis) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var data = expect.input(0, "data");
        int along = data.axis(axis);
        var indices = expect.input(1, "indices").index().rank(data.type().rank()).type();
        expectInside("GatherElements", indices.shape(), data.type().shape(), along);
        return List.of(data.type().with(indices.shape()));
    }

    /// Expects indices that have a place in data on every axis but one.
    static void expectInside(String operation, Shape indices, Shape data, int along) {
        for (int d = 0; d < data.rank(); d++) {
            var excess = indices.get(d).minus(data.get(d));
            if (d != along && !(excess.isFixed() && excess.value() <= 0)) {
                throw GraphException.of(
                        operation, "indices", "<= " + data.get(d) + " on axis " + d, indices);
            }
        }
    }

    @Override
    public Lowering lower(Operands in) {
        int along = axis < 0 ? axis + in.type(0).rank() : axis;
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var at = new ArrayList<Expr>(o);
                    at.set(along, Wrapped.index(in.load(1, o), in.extent(0, along)));
                    return in.load(0, at);
                });
    }
}
