package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.List;

/// Writes slices at positions of several axes: a copy of data, in which `output[indices[i…, :],
/// s…]` is combined with `updates[i…, s…]`, in row-major order of i.
///
/// | | shape | dtype |
/// |---|---|---|
/// | data, output | `[d₁ … dₖ, s…]` | numeric or bool |
/// | indices | `[i…, k]`, k ≥ 1 fixed | int32, int64 |
/// | updates | `[i…, s…]` | as data |
///
/// Of several updates of one element the last one wins (REPLACE), or all count. A negative index
/// counts from the end; updates outside are skipped. Source: ONNX ScatterND-18.
public record ScatterND(Push.Combine combine) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 3);
        var data = expect.input(0, "data").rankAtLeast(1);
        if (combine == Push.Combine.REPLACE) data.numericOrBool();
        else data.numeric();
        var type = data.type();
        var indices = expect.input(1, "indices").index().rankAtLeast(1).type();
        int count = GatherND.positions("ScatterND", indices.shape());
        if (count > type.rank()) {
            throw GraphException.of(
                    "ScatterND", "indices", "at most " + type.rank() + " positions", indices);
        }
        var points = indices.shape().slice(0, indices.rank() - 1);
        var updates = points.concat(type.shape().slice(count, type.rank()));
        expect.input(2, "updates").dtype(type.dtype()).shape(updates);
        return List.of(type);
    }

    @Override
    public Lowering lower(Operands in) {
        var data = in.type(0);
        int points = in.type(1).rank() - 1;
        int count = GatherND.positions("ScatterND", in.shape(1));
        var domain = Stage.indices("o", data.shape().dimensions());
        var updates = Stage.indices("u", in.shape(2).dimensions());
        var target = new ArrayList<Expr>();
        for (int k = 0; k < count; k++) {
            var position = new ArrayList<Expr>(updates.subList(0, points));
            position.add(Expr.of(k));
            target.add(Wrapped.index(in.load(1, position), in.extent(0, k)));
        }
        target.addAll(updates.subList(points, updates.size()));
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
