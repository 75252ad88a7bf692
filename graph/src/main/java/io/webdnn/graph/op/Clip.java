package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import java.util.List;

/// Limits values: `Y = min(max(X, min), max)`, so that `max` wins where `min > max`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | input, output | any | numeric |
/// | min (may be absent) | one element | as input |
/// | max (may be absent) | one element | as input |
///
/// NaN stays NaN. Source: ONNX Clip-13.
public record Clip() implements Composed {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(1, 3);
        var x = expect.input(0, "input").numeric().type();
        expect.optional(1, "min").dtype(x.dtype()).single();
        expect.optional(2, "max").dtype(x.dtype()).single();
        return List.of(x);
    }

    @Override
    public Compose lower(Operands in) {
        return Compose.of((g, v) -> {
            Operand y = v.get(0);
            if (in.has(1)) y = g.apply(new Max(), y, scalar(g, v.get(1)));
            if (in.has(2)) y = g.apply(new Min(), y, scalar(g, v.get(2)));
            return List.of(in.has(1) || in.has(2) ? y : g.apply(new Identity(), y));
        });
    }

    private static Operand scalar(Operators g, Operand bound) {
        return bound.type().rank() == 0 ? bound : g.apply(new Reshape(), bound, g.vector());
    }
}
