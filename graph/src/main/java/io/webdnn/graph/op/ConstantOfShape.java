package io.webdnn.graph.op;

import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/// One value everywhere: `input`, the shape, is an int64 vector that is known when compiling; the
/// output has the value's dtype.
///
/// Source: ONNX ConstantOfShape-25.
public record ConstantOfShape(Literal value) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        Expect.of(in).count(1, 1).input(0, "input").index().rank(1);
        var extents = in.longs(0, "input");
        if (Arrays.stream(extents).anyMatch(extent -> extent < 0)) {
            throw GraphException.of(
                    "ConstantOfShape", "input", "extents >= 0", Arrays.toString(extents));
        }
        var shape = new Shape(Arrays.stream(extents).mapToObj(Dimension::of).toList());
        return List.of(new TensorType(value.dtype(), shape));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(infer(in).getFirst(), _ -> value);
    }
}
