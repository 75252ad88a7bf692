package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.List;
import java.util.stream.LongStream;

/// Normalizes over the trailing axes, then scales and shifts.
///
/// `Y = (X − μ) / √(σ² + ε) · Scale + B`; μ and σ² (divided by the count) are taken over `axis …
/// rank−1`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X, Y | `[d₀ … dₙ]` | float |
/// | Scale, B (may be absent) | broadcast to X | as X |
/// | Mean, InvStdDev | X with the normalized axes 1 | float32, or as X if that is wider |
///
/// Statistics are float32 for float16 too. A constant row gives B; a NaN makes its row NaN. Source:
/// ONNX LayerNormalization-17; Ba, Kiros, Hinton 2016.
///
/// @param axis the first normalized axis, negative ones from the end
public record LayerNormalization(int axis, float epsilon) implements Composed {
    public LayerNormalization {
        if (!(epsilon > 0))
            throw GraphException.of("LayerNormalization", "epsilon", "> 0", epsilon);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 3);
        var x = expect.input(0, "X").floating();
        var type = x.type();
        expect.input(1, "Scale").dtype(type.dtype()).broadcastsTo(type.shape());
        expect.optional(2, "B").dtype(type.dtype()).broadcastsTo(type.shape());
        Shape rows = type.shape();
        for (int d = x.axis(axis); d < type.rank(); d++) rows = rows.with(d, Dimension.of(1));
        var statistics = new TensorType(Accumulation.of(type.dtype()), rows);
        return List.of(type, statistics, statistics);
    }

    @Override
    public Compose lower(Operands in) {
        var type = in.type(0);
        var axes = LongStream.range(axis < 0 ? axis + type.rank() : axis, type.rank()).toArray();
        var wide = Accumulation.of(type.dtype());
        return Compose.of((g, v) -> {
            var x = g.cast(v.get(0), wide);
            var mean = g.apply(new ReduceMean(true), x, g.vector(axes));
            var centred = g.sub(x, mean); // two passes: E[x²] − μ² cancels for large means
            var squares = g.mul(centred, centred);
            var variance = g.apply(new ReduceMean(true), squares, g.vector(axes));
            var deviation = g.apply(new Sqrt(), g.add(variance, g.scalar(wide, epsilon)));
            var inverse = g.apply(new Reciprocal(), deviation);
            var normal = g.cast(g.mul(centred, inverse), type.dtype());
            var scaled = g.mul(normal, v.get(1));
            return List.of(in.has(2) ? g.add(scaled, v.get(2)) : scaled, mean, inverse);
        });
    }
}
