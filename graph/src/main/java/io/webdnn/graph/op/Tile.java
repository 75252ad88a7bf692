package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Copies side by side: `output[o…] = input[o₀ mod d₀, o₁ mod d₁ …]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | input | `[d₀ … dₙ]` | any |
/// | repeats r, known when compiling | `[n + 1]`, each ≥ 0 | int64 |
/// | output | `[d₀·r₀ … dₙ·rₙ]` | as input |
///
/// Source: ONNX Tile-13.
public record Tile() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var input = expect.input(0, "input").type();
        expect.input(1, "repeats").index().shape(Shape.of(Dimension.of(input.rank())));
        var extents = new ArrayList<Dimension>();
        var repeats = in.dimensions(1, "repeats");
        for (int d = 0; d < repeats.size(); d++) {
            var repeat = repeats.get(d);
            if (repeat.isFixed() && repeat.value() < 0)
                throw GraphException.of("Tile", "repeats", ">= 0", repeat);
            extents.add(input.shape().get(d).times(repeat));
        }
        return List.of(input.with(new Shape(extents)));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var at = new ArrayList<Expr>();
                    for (int d = 0; d < o.size(); d++)
                        at.add(o.get(d).floorModulo(Expr.of(in.extent(0, d))));
                    return in.load(0, at);
                });
    }
}
