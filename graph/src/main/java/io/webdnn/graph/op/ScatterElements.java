package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.List;

/// Writes one element for each index: a copy of data, in which `output[u…]`, with `indices[u…]` in
/// the place of `u[axis]`, is combined with `updates[u…]`, in row-major order of u.
///
/// | | shape | dtype |
/// |---|---|---|
/// | data, output | any of rank ≥ 1 | numeric or bool |
/// | indices | the same rank, nowhere longer than data but on `axis` | int32, int64 |
/// | updates | as indices | as data |
///
/// Of several updates of one element the last one wins (REPLACE), or all count. A negative index
/// counts from the end; updates outside are skipped. Source: ONNX ScatterElements-18.
///
/// @param axis negative ones from the end
public record ScatterElements(int axis, Push.Combine combine) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 3);
        var data = expect.input(0, "data");
        if (combine == Push.Combine.REPLACE) data.numericOrBool();
        else data.numeric();
        int along = data.axis(axis);
        var indices = expect.input(1, "indices").index().rank(data.type().rank()).type();
        GatherElements.expectInside("ScatterElements", indices.shape(), data.type().shape(), along);
        expect.input(2, "updates").dtype(data.type().dtype()).shape(indices.shape());
        return List.of(data.type());
    }

    @Override
    public Lowering lower(Operands in) {
        var data = in.type(0);
        int along = axis < 0 ? axis + data.rank() : axis;
        var domain = Stage.indices("o", data.shape().dimensions());
        var updates = Stage.indices("u", in.shape(1).dimensions());
        var target = new ArrayList<Expr>(updates);
        target.set(along, Wrapped.index(in.load(1, updates), in.extent(0, along)));
        return new Scatter(
                new Push(
                        Buffer.of("output", data),
                        domain,
                        in.load(0, domain),
                        updates,
                        Literal.of(true),
                        target,
                        in.load(2, updates),
                        combine));
    }
}
