package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import java.util.List;

/// Product of two matrices, plus a third.
///
/// `Y[i, j] = α · Σ_k A'[i, k] · B'[k, j] + β · C[i, j]`, where A' is A or its transpose, B'
/// likewise. With β = 0, C is not read; integers wrap and need whole α and β.
///
/// | | shape | dtype |
/// |---|---|---|
/// | A | `[M, K]`, or `[K, M]` with `transA` | numeric |
/// | B | `[K, N]`, or `[N, K]` with `transB` | as A |
/// | C (may be absent) | broadcasts to Y | as A |
/// | Y | `[M, N]` | as A |
///
/// Source: ONNX Gemm-13.
public record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Primitive {
    /// The product `A' · B' + C`.
    public Gemm(boolean transA, boolean transB) {
        this(1, 1, transA, transB);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 3);
        var a = expect.input(0, "A").numeric().rank(2).type();
        var k = a.shape().get(transA ? 0 : 1);
        var b =
                expect.input(1, "B")
                        .dtype(a.dtype())
                        .rank(2)
                        .extent(transB ? 1 : 0, k, "K")
                        .type()
                        .shape();
        var y = Shape.of(a.shape().get(transA ? 1 : 0), b.get(transB ? 0 : 1));
        expect.optional(2, "C").dtype(a.dtype()).broadcastsTo(y);
        expectWhole("alpha", alpha, a.dtype());
        expectWhole("beta", beta, a.dtype());
        return List.of(a.with(y));
    }

    private static void expectWhole(String attribute, float value, DType dtype) {
        if (!dtype.isFloat() && value != Math.rint(value))
            throw GraphException.of("Gemm", attribute, "a whole number for " + dtype, value);
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var i = o.get(0);
                    var j = o.get(1);
                    var k = new Index("k", in.extent(0, transA ? 0 : 1));
                    var a = transA ? in.load(0, k, i) : in.load(0, i, k);
                    var b = transB ? in.load(1, j, k) : in.load(1, k, j);
                    var product = scaled(alpha, Expr.sum(List.of(k), a.times(b)));
                    if (!in.has(2) || beta == 0) return product;
                    var c = in.load(2, Broadcast.index(in.shape(2), o));
                    return product.plus(scaled(beta, c));
                });
    }

    private static Expr scaled(float factor, Expr e) {
        return factor == 1 ? e : Expr.of(e.dtype(), factor).times(e);
    }
}
