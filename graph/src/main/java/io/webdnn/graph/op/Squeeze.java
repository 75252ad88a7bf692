package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Drops axes of extent 1.
///
/// data: any shape, any dtype. axes (may be absent): an int64 vector that is known when compiling,
/// negative ones from the end; without it every axis of extent 1 goes (a symbolic one stays).
///
/// Source: ONNX Squeeze-24.
public record Squeeze() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(1, 2);
        var data = expect.input(0, "data").type();
        expect.optional(1, "axes").index().rankAtMost(1);
        var axes = in.has(1) ? Axes.of("Squeeze", in.longs(1, "axes"), data.rank()) : null;
        var kept = new ArrayList<Dimension>();
        for (int d = 0; d < data.rank(); d++) {
            var extent = data.shape().get(d);
            boolean drop = axes == null ? extent.is(1) : axes.contains(d);
            if (drop && !extent.is(1))
                throw GraphException.of("Squeeze", "data", "extent 1 on axis " + d, data);
            if (!drop) kept.add(extent);
        }
        return List.of(data.with(new Shape(kept)));
    }

    @Override
    public Lowering lower(Operands in) {
        return Reindex.lower(in, infer(in).getFirst().shape());
    }
}
