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
/// start, limit, delta: one element each, one numeric dtype, known when compiling, start and limit
/// of integers as numbers or in terms of symbols; `delta ≠ 0`.
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
        if (isSymbolic(in)) return symbolicCount(in);
        var start = in.constant(0, "start");
        var delta = in.constant(2, "delta");
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

    private static boolean isSymbolic(Operands in) {
        return in.constantOrNull(0) == null && in.extentsOrNull(0) != null
                || in.constantOrNull(1) == null && in.extentsOrNull(1) != null;
    }

    private static Dimension symbolicCount(Operands in) {
        long delta = in.constant(2, "delta").getLong(0);
        if (delta == 0) throw GraphException.of("Range", "delta", "not 0", 0);
        long size = Math.absExact(delta);
        var start = in.dimensions(0, "start").getFirst();
        var limit = in.dimensions(1, "limit").getFirst();
        var length = (delta > 0 ? limit.minus(start) : start.minus(limit)).max(Dimension.of(0));
        return length.plus(size - 1).floorDividedBy(size);
    }

    /// {@return a number that may be negative, of parts that are not}: ranges take extents for 0 or
    /// more
    private static Expr signed(Dimension dimension) {
        if (dimension.isNonNegative()) return Expr.of(dimension);
        var negative = dimension.negativePart();
        return Expr.of(dimension.plus(negative)).minus(Expr.of(negative));
    }

    @Override
    public Lowering lower(Operands in) {
        var type = infer(in).getFirst();
        if (isSymbolic(in)) {
            // in int32, as sizes are, so that targets without int64 take it
            var first = signed(in.dimensions(0, "start").getFirst());
            long step = in.constant(2, "delta").getLong(0);
            return Compute.each(type, o -> first.plus(o.get(0).times(step)).cast(type.dtype()));
        }
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
