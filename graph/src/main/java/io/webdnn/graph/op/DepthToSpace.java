package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.List;

/// Spreads channels over blocks of b × b pixels.
///
/// `output[n, c, y, x] = input[n, k, ⌊y/b⌋, ⌊x/b⌋]` with p = (y mod b)·b + x mod b the place in the
/// block: `k = p·C/b² + c`, or `c·b² + p` if `columnsFirst` (which is what sub-pixel convolutions
/// need).
///
/// | | shape | dtype |
/// |---|---|---|
/// | input | `[N, C, H, W]`, C a multiple of b² | any |
/// | output | `[N, C/b², H·b, W·b]` | as input |
///
/// Source: ONNX DepthToSpace-13.
///
/// @param columnsFirst ONNX's mode `CRD` instead of `DCR`
public record DepthToSpace(int blocksize, boolean columnsFirst) implements Primitive {
    public DepthToSpace {
        if (blocksize < 1) throw GraphException.of("DepthToSpace", "blocksize", ">= 1", blocksize);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var input = Expect.of(in).count(1, 1).input(0, "input").rank(4).type();
        var shape = input.shape();
        long area = (long) blocksize * blocksize;
        if (!shape.get(1).isFixed() || shape.get(1).value() % area != 0) {
            throw GraphException.of(
                    "DepthToSpace", "input", "C a multiple of " + area, shape.get(1));
        }
        return List.of(
                input.with(
                        Shape.of(
                                shape.get(0),
                                shape.get(1).floorDividedBy(area),
                                shape.get(2).times(blocksize),
                                shape.get(3).times(blocksize))));
    }

    @Override
    public Lowering lower(Operands in) {
        var output = infer(in).getFirst();
        long channels = output.shape().get(1).value();
        long area = (long) blocksize * blocksize;
        return Compute.each(
                output,
                o -> {
                    var c = o.get(1);
                    var row = o.get(2).floorModulo(blocksize).times(blocksize);
                    var place = row.plus(o.get(3).floorModulo(blocksize));
                    var from =
                            columnsFirst
                                    ? c.times(area).plus(place)
                                    : place.times(channels).plus(c);
                    Expr y = o.get(2).floorDividedBy(blocksize);
                    return in.load(0, o.get(0), from, y, o.get(3).floorDividedBy(blocksize));
                });
    }
}
