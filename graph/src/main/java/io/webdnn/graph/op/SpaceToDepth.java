package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.List;

/// Puts the pixels of blocks of b × b behind each other, as channels: `output[n, p·C + c, y, x] =
/// input[n, c, y·b + ⌊p/b⌋, x·b + p mod b]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | input | `[N, C, H, W]`, H and W multiples of b, C fixed | any |
/// | output | `[N, C·b², H/b, W/b]` | as input |
///
/// Source: ONNX SpaceToDepth-13.
public record SpaceToDepth(int blocksize) implements Primitive {
    public SpaceToDepth {
        if (blocksize < 1) throw GraphException.of("SpaceToDepth", "blocksize", ">= 1", blocksize);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var input = Expect.of(in).count(1, 1).input(0, "input").rank(4).type();
        var shape = input.shape();
        if (!shape.get(1).isFixed())
            throw GraphException.of("SpaceToDepth", "input", "a fixed C", shape.get(1));
        for (int d = 2; d < 4; d++) {
            var extent = shape.get(d);
            if (extent.isFixed() && extent.value() % blocksize != 0) {
                throw GraphException.of(
                        "SpaceToDepth", "input", "multiples of " + blocksize, shape);
            }
        }
        return List.of(
                input.with(
                        Shape.of(
                                shape.get(0),
                                shape.get(1).times((long) blocksize * blocksize),
                                shape.get(2).floorDividedBy(blocksize),
                                shape.get(3).floorDividedBy(blocksize))));
    }

    @Override
    public Lowering lower(Operands in) {
        long channels = in.extent(0, 1).value();
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var place = o.get(1).floorDividedBy(channels);
                    Expr y = o.get(2).times(blocksize).plus(place.floorDividedBy(blocksize));
                    Expr x = o.get(3).times(blocksize).plus(place.floorModulo(blocksize));
                    return in.load(0, o.get(0), o.get(1).floorModulo(channels), y, x);
                });
    }
}
