package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Takes slices of an axis: `output[a…, i…, b…] = data[a…, indices[i…], b…]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | data | `[a…, D, b…]`, D on `axis` | any |
/// | indices | `[i…]` | int32, int64 |
/// | output | `[a…, i…, b…]` | as data |
///
/// An index of −D … −1 counts from the end; others outside are a mistake of the model and take some
/// slice. Source: ONNX Gather-13.
///
/// @param axis negative ones from the end
public record Gather(int axis) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var data = expect.input(0, "data");
        var indices = expect.input(1, "indices").index().type();
        int along = data.axis(axis);
        var shape = data.type().shape();
        return List.of(
                data.type()
                        .with(
                                shape.slice(0, along)
                                        .concat(indices.shape())
                                        .concat(shape.slice(along + 1, shape.rank()))));
    }

    @Override
    public Lowering lower(Operands in) {
        Shape data = in.shape(0);
        int along = axis < 0 ? axis + data.rank() : axis;
        int behind = along + in.type(1).rank();
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var at = new ArrayList<Expr>(o.subList(0, along));
                    at.add(Wrapped.index(in.load(1, o.subList(along, behind)), data.get(along)));
                    at.addAll(o.subList(behind, o.size()));
                    return in.load(0, at);
                });
    }
}
