package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Matrix product by numpy's rules.
///
/// `Y[b…, i, j] = Σ_k A[b…, i, k] · B[b…, k, j]`. The leading axes broadcast; an operand of rank 1
/// is a row (A) or a column (B), and its axis is dropped from Y; integers wrap.
///
/// | | shape | dtype |
/// |---|---|---|
/// | A | `[b…, M, K]` or `[K]` | numeric |
/// | B | `[b…, K, N]` or `[K]` | as A |
/// | Y | `[b…, M, N]`, `[b…, M]`, `[b…, N]` or `[]` | as A |
///
/// Over `K = 0`, Y is 0. Source: ONNX MatMul-13.
public record MatMul() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var a = Expect.of(in).pair().numeric().rankAtLeast(1).type();
        var b = Expect.of(in).input(1, "B").rankAtLeast(1).type();
        var k = a.shape().get(a.rank() - 1);
        var rows = b.shape().get(Math.max(0, b.rank() - 2));
        if (!k.equals(rows)) {
            throw GraphException.of(
                    "MatMul", "B", "K = " + k + " rows for A " + a.shape(), b.shape());
        }
        var y = new ArrayList<Dimension>(batch(in).dimensions());
        if (a.rank() > 1) y.add(a.shape().get(a.rank() - 2));
        if (b.rank() > 1) y.add(b.shape().get(b.rank() - 1));
        return List.of(a.with(new Shape(y)));
    }

    private static Shape batch(Operands in) {
        return Broadcast.shapes("MatMul", List.of(leading(in.shape(0)), leading(in.shape(1))));
    }

    private static Shape leading(Shape shape) {
        return shape.slice(0, Math.max(0, shape.rank() - 2));
    }

    @Override
    public Lowering lower(Operands in) {
        int batchRank = batch(in).rank();
        var a = in.shape(0);
        var b = in.shape(1);
        return Compute.each(
                infer(in).getFirst(),
                o -> { // o = [b…, i, j]
                    var k = new Index("k", a.get(a.rank() - 1));
                    var batch = o.subList(0, batchRank);
                    var left = new ArrayList<>(Broadcast.index(leading(a), batch));
                    if (a.rank() > 1) left.add(o.get(batchRank));
                    left.add(k);
                    var right = new ArrayList<>(Broadcast.index(leading(b), batch));
                    right.add(k);
                    if (b.rank() > 1) right.add(o.getLast());
                    return Expr.sum(List.of(k), in.load(0, left).times(in.load(1, right)));
                });
    }
}
