package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/// A triangle of each matrix, 0 elsewhere: `output[b…, i, j] = input[b…, i, j]` where `j − i ≥ k`
/// (`upper`) or `j − i ≤ k`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | input, output | `[b…, N, M]` | any |
/// | k (may be absent: 0), the diagonal | one element | int64 |
///
/// Source: ONNX Trilu-14.
public record Trilu(boolean upper) implements Primitive {
    private static final double FAR = 1 << 30; // beyond every diagonal

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(1, 2);
        var input = expect.input(0, "input").numericOrBool().rankAtLeast(2).type();
        expect.optional(1, "k").index().single();
        return List.of(input);
    }

    @Override
    public Lowering lower(Operands in) {
        var type = in.type(0);
        return Compute.each(
                type,
                o -> {
                    var diagonal = o.get(o.size() - 1).minus(o.get(o.size() - 2));
                    var k = in.has(1) ? diagonal(in) : Expr.of(0);
                    var keeps = upper ? k.lessOrEqual(diagonal) : diagonal.lessOrEqual(k);
                    return keeps.select(in.load(0, o), Literal.of(type.dtype(), 0L));
                });
    }

    private static Expr diagonal(Operands in) {
        var known = in.constantOrNull(1);
        if (known != null) return Expr.of((long) Math.clamp(known.getDouble(0), -FAR, FAR));
        var zeros = new ArrayList<Expr>();
        for (int d = 0; d < in.type(1).rank(); d++) zeros.add(Expr.of(0));
        var dtype = in.type(1).dtype();
        var k = in.load(1, zeros).max(Expr.of(dtype, -FAR)).min(Expr.of(dtype, FAR));
        return k.cast(DType.INT32);
    }
}
