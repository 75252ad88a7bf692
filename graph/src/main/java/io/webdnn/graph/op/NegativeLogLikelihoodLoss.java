package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The loss of log probabilities, given which class is right.
///
/// `loss[n, d…] = −input[n, t, d…] · weight[t]` with `t = target[n, d…]`, and 0 where t is
/// `ignoreIndex`; then [LossReduction] of all. MEAN divides by `Σ weight[t]` over the targets that
/// are not ignored; if none is left, it is NaN.
///
/// | | shape | dtype |
/// |---|---|---|
/// | input | `[N, C, d…]` | float |
/// | target | `[N, d…]`, `0 … C−1` or `ignoreIndex` | int32, int64 |
/// | weight (may be absent: 1) | `[C]` | as input |
/// | loss | `[N, d…]` for NONE, else `[]` | as input |
///
/// Other targets are a mistake of the model. Source: ONNX NegativeLogLikelihoodLoss-22.
public record NegativeLogLikelihoodLoss(LossReduction reduction, @Nullable Integer ignoreIndex)
        implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 3);
        var input = expect.input(0, "input").floating().rankAtLeast(2).type();
        var targets = input.shape().without(1);
        expect.input(1, "target").index().shape(targets);
        expect.optional(2, "weight").dtype(input.dtype()).shape(Shape.of(input.shape().get(1)));
        return List.of(input.with(reduction == LossReduction.NONE ? targets : Shape.SCALAR));
    }

    @Override
    public Lowering lower(Operands in) {
        var type = infer(in).getFirst();
        var accumulated = Accumulation.of(type.dtype());
        if (reduction == LossReduction.NONE) return Compute.each(type, o -> loss(in, o));
        return Compute.each(
                type,
                _ -> {
                    var r = Stage.indices("r", in.shape(1).dimensions());
                    var sum = Expr.sum(r, loss(in, r).cast(accumulated));
                    if (reduction == LossReduction.SUM) return sum.cast(type.dtype());
                    return sum.dividedBy(totalWeight(in, accumulated)).cast(type.dtype());
                });
    }

    private Expr loss(Operands in, List<? extends Expr> o) {
        var target = in.load(1, o).cast(DType.INT32);
        var at = new ArrayList<Expr>(o);
        at.add(1, target);
        var zero = Expr.of(in.type(0).dtype(), 0);
        var loss = zero.minus(in.load(0, at));
        var weighted = in.has(2) ? loss.times(in.load(2, target)) : loss;
        return isIgnored(target).select(zero, weighted);
    }

    private Expr totalWeight(Operands in, DType accumulated) {
        if (!in.has(2) && ignoreIndex == null) {
            Dimension count = in.shape(1).elements();
            return Expr.of(count).cast(accumulated);
        }
        var r = Stage.indices("r", in.shape(1).dimensions());
        var target = in.load(1, r).cast(DType.INT32);
        var weight = in.has(2) ? in.load(2, target).cast(accumulated) : Expr.of(accumulated, 1);
        return Expr.sum(r, isIgnored(target).select(Expr.of(accumulated, 0), weight));
    }

    private Expr isIgnored(Expr target) {
        return ignoreIndex == null
                ? Literal.of(false)
                : target.isEqualTo(Expr.of(ignoreIndex.longValue()));
    }
}
