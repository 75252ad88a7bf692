package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import java.util.List;

/// The number of elements: `data`, any, to an int64 scalar.
///
/// Source: ONNX Size-25.
public record Size() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        Expect.of(in).count(1, 1).input(0, "data");
        return List.of(TensorType.of(DType.INT64));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(
                infer(in).getFirst(), _ -> Expr.of(in.shape(0).elements()).cast(DType.INT64));
    }
}
