package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// The mean of each channel over all spatial axes: `[N, C, D…]` to `[N, C, 1…]`; float.
///
/// Source: ONNX GlobalAveragePool-22.
public record GlobalAveragePool() implements Composed {
    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").floating().rankAtLeast(2).type();
        var y = new ArrayList<>(x.shape().dimensions().subList(0, 2));
        while (y.size() < x.rank()) y.add(Dimension.of(1));
        return List.of(x.with(new Shape(y)));
    }

    @Override
    public Compose lower(Operands in) {
        var spatial = LongStream.range(2, in.type(0).rank()).toArray();
        return Compose.of((g, v) ->
                List.of(g.apply(new ReduceMean(true, true), v.get(0), g.vector(spatial))));
    }
}
