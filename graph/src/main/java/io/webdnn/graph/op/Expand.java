package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Repeats axes of extent 1 by numpy's broadcasting: the result has the shape that `input` and
/// `shape` broadcast to, so that an entry of 1 keeps the input's extent.
///
/// input: any shape, any dtype; shape: an int64 vector that is known when compiling, as numbers or
/// in terms of symbols.
///
/// Source: ONNX Expand-13.
public record Expand() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var input = expect.input(0, "input").type();
        expect.input(1, "shape").index().rankAtMost(1);
        var extents = new ArrayList<Dimension>();
        for (var extent : in.dimensions(1, "shape")) {
            if (extent.isFixed() && extent.value() < 0)
                throw GraphException.of("Expand", "shape", "extents >= 0", extent);
            extents.add(extent);
        }
        var shape = new Shape(extents);
        return List.of(input.with(Broadcast.shapes("Expand", List.of(input.shape(), shape))));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(infer(in).getFirst(), o -> in.load(0, Broadcast.index(in.shape(0), o)));
    }
}
