package io.webdnn.graph.gradient;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.LossReduction;
import io.webdnn.graph.op.Map;
import io.webdnn.graph.op.NegativeLogLikelihoodLoss;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.SoftmaxCrossEntropyLoss;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradients of the losses over classes: `(softmax − onehot) · f` and `−onehot · f`, in pull form,
/// where f is the gradient of each single loss.
final class LossGradients {
    private final Use use;
    private final @Nullable Integer ignored;
    private final DType dtype;
    private final Value target;

    private LossGradients(Use use, @Nullable Integer ignored) {
        this.use = use;
        this.ignored = ignored;
        this.dtype = use.input(0).type().dtype();
        this.target = use.apply(new Cast(DType.INT32), use.input(1));
    }

    static List<@Nullable Value> of(NegativeLogLikelihoodLoss op, Use use) {
        if (use.needs(2)) {
            throw GraphException.saying(op.name(), "expected weights that need no gradient");
        }
        var rules = new LossGradients(use, op.ignoreIndex());
        var factor = rules.perElement(op.reduction());
        var map =
                Map.of(
                        List.of(DType.INT32, DType.INT32, rules.dtype),
                        x ->
                                x.get(0)
                                        .isEqualTo(x.get(1))
                                        .select(
                                                x.get(2).apply(Unary.Operator.NEGATE),
                                                Expr.of(rules.dtype, 0)));
        return use.only(0, use.apply(map, rules.classes(), rules.spread(rules.target), factor));
    }

    static List<@Nullable Value> of(SoftmaxCrossEntropyLoss op, Use use) {
        if (use.needs(2)) {
            throw GraphException.saying(op.name(), "expected weights that need no gradient");
        }
        var rules = new LossGradients(use, op.ignoreIndex());
        var factor = rules.perElement(op.reduction());
        var logarithms = use.apply(new LogSoftmax(1), use.input(0));
        var map =
                Map.of(
                        List.of(rules.dtype, DType.INT32, DType.INT32, rules.dtype),
                        x -> {
                            var softmax = x.get(0).apply(Unary.Operator.EXP);
                            var less =
                                    x.get(1)
                                            .isEqualTo(x.get(2))
                                            .select(
                                                    Expr.of(rules.dtype, 1),
                                                    Expr.of(rules.dtype, 0));
                            return softmax.minus(less).times(x.get(3));
                        });
        return use.only(
                0, use.apply(map, logarithms, rules.classes(), rules.spread(rules.target), factor));
    }

    /// `0, 1 … C−1` along axis 1.
    private Value classes() {
        var x = use.input(0).type().shape();
        var numbers = new int[x.size(1)];
        for (int c = 0; c < numbers.length; c++) numbers[c] = c;
        var shape = new int[x.rank() - 1];
        Arrays.fill(shape, 1);
        shape[0] = numbers.length;
        return Value.of(use.g().constant(Tensor.of(numbers, shape)));
    }

    /// `[N, d…]` as `[N, 1, d…]`.
    private Value spread(Value value) {
        return use.apply(new Unsqueeze(), value, use.g().vector(1));
    }

    /// `[N, 1, d…]`: what the loss of each element counts, times the gradient of the result.
    private Value perElement(LossReduction reduction) {
        var g = use.g();
        var weight = weight();
        Operand factor =
                switch (reduction) {
                    case NONE -> weight == null ? use.seed() : g.mul(use.seed(), weight);
                    case SUM ->
                            weight == null
                                    ? throughReduction(new ReduceSum(false))
                                    : g.mul(use.seed(), weight);
                    case MEAN ->
                            weight == null
                                    ? throughReduction(new ReduceMean(false))
                                    : weighted(weight);
                };
        return spread(Value.of(factor));
    }

    /// The weight of each element, 0 for those that are ignored; null if all are 1.
    private @Nullable Value weight() {
        if (use.has(2)) {
            var safe = ignored == null ? target : select(Literal.of(DType.INT32, 0L));
            var weight = use.apply(new Gather(0), use.input(2), safe);
            return ignored == null ? weight : zeroWhereIgnored(weight);
        }
        return ignored == null ? null : zeroWhereIgnored(Value.of(use.g().scalar(dtype, 1)));
    }

    /// The targets, with another value where they are ignored.
    private Value select(Literal otherwise) {
        long skipped = ignored == null ? -1 : ignored;
        return use.apply(
                Map.of(
                        List.of(DType.INT32),
                        x -> x.get(0).isEqualTo(Expr.of(skipped)).select(otherwise, x.get(0))),
                target);
    }

    private Value zeroWhereIgnored(Value weight) {
        long skipped = ignored == null ? -1 : ignored;
        return use.apply(
                Map.of(
                        List.of(DType.INT32, dtype),
                        x ->
                                x.get(0)
                                        .isEqualTo(Expr.of(skipped))
                                        .select(Expr.of(dtype, 0), x.get(1))),
                target,
                weight);
    }

    /// The gradient that a reduction of all losses gives each of them.
    private Value throughReduction(Op reduction) {
        var like = use.apply(new Cast(dtype), target);
        var reduced = use.apply(reduction, like);
        var gradient = Gradients.of(use.g(), reduced, List.of(like), use.seed()).getFirst();
        if (gradient == null) throw new AssertionError("a sum depends on its elements");
        return gradient;
    }

    private Operand weighted(Value weight) {
        var g = use.g();
        var total = g.apply(new ReduceSum(false), weight);
        return g.mul(weight, g.div(use.seed(), total));
    }
}
