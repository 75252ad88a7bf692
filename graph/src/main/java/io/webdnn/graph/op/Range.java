package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.List;

/// Numbers at equal distances: `output[i] = start + i·delta` for `i < max(0, ⌈(limit − start) /
/// delta⌉)`.
///
/// start, limit, delta: one element each, one numeric dtype, known when compiling; `delta ≠ 0`. A
/// limit that is known in terms of symbols counts from 0 in steps of 1.
///
/// Source: ONNX Range-27.
public record Range() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 3);
        var dtype = expect.input(0, "start").numeric().single().type().dtype();
        expect.input(1, "limit").dtype(dtype).single();
        expect.input(2, "delta").dtype(dtype).single();
        return List.of(new TensorType(dtype, Shape.of(count(in))));
    }

    private static Dimension count(Operands in) {
        var start = in.constant(0, "start");
        var delta = in.constant(2, "delta");
        var extents = in.extentsOrNull(1);
        if (extents != null && start.getDouble(0) == 0 && delta.getDouble(0) == 1)
            return extents.getFirst();
        var limit = in.constant(1, "limit");
        if (delta.getDouble(0) == 0) throw GraphException.of("Range", "delta", "not 0", 0);
        double count =
                start.dtype().isFloat()
                        ? Math.ceil((limit.getDouble(0) - start.getDouble(0)) / delta.getDouble(0))
                        : Math.ceilDiv(limit.getLong(0) - start.getLong(0), delta.getLong(0));
        if (!(count <= Integer.MAX_VALUE))
            throw GraphException.of("Range", "limit", "fewer than 2^31 numbers", count);
        return Dimension.of(Math.max(0, (long) count));
    }

    @Override
    public Lowering lower(Operands in) {
        var type = infer(in).getFirst();
        if (in.constantOrNull(1) == null)
            return Compute.each(type, o -> o.get(0).cast(type.dtype()));
        var start = literal(in, 0, "start");
        var delta = literal(in, 2, "delta");
        return Compute.each(type, o -> start.plus(o.get(0).cast(type.dtype()).times(delta)));
    }

    private static Expr literal(Operands in, int i, String argument) {
        var value = in.constant(i, argument);
        DType dtype = value.dtype();
        return dtype.isFloat()
                ? Literal.of(dtype, value.getDouble(0))
                : Literal.of(dtype, value.getLong(0));
    }
}
