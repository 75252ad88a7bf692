package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Inserts axes of extent 1.
///
/// data: any shape, any dtype. axes: an int64 vector that is known when compiling: where the new
/// axes stand in the result, negative ones from its end.
///
/// Source: ONNX Unsqueeze-24.
public record Unsqueeze() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var data = expect.input(0, "data").type();
        expect.input(1, "axes").index().rankAtMost(1);
        var given = in.longs(1, "axes");
        int rank = data.rank() + given.length;
        var axes = Axes.of("Unsqueeze", given, rank);
        var extents = new ArrayList<Dimension>();
        int next = 0;
        for (int d = 0; d < rank; d++)
            extents.add(axes.contains(d) ? Dimension.of(1) : data.shape().get(next++));
        return List.of(data.with(new Shape(extents)));
    }

    @Override
    public Lowering lower(Operands in) {
        return Reindex.lower(in, infer(in).getFirst().shape());
    }
}
