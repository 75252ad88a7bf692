package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Probabilities of classes from those of pairs: with `r_ij` the probability of class i where only
/// i and j may be, `p = argmin ½ pᵀQp, Σp = 1`, where `Q_ii = Σ_{j≠i} r_ji²`, `Q_ij = −r_ji ·
/// r_ij`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | R, `r_ij` for `i < j`, row by row; `r_ji = 1 − r_ij`, each above 0 and below 1 | `[N, k(k−1)/2]` | float |
/// | P | `[N, k]` | as R |
///
/// By fixed-point iteration from `1/k` on: in turn for each class, `p_t += δ` with `δ = (pᵀQp −
/// (Qp)_t) / Q_tt`, then p is divided by its sum; until `max |(Qp)_t − pᵀQp| < 0.005/k` at the
/// begin of a turn, or max(100, k) turns are over. What users compare with stops there too, so it
/// is part of the definition.
///
/// Source: Wu, Lin, Weng 2004, algorithm 2, as in LIBSVM and ONNX's SVMClassifier.
public record PairwiseCoupling(int classes) implements Primitive {
    private static final int MOST = 32;

    public PairwiseCoupling {
        if (classes < 2 || classes > MOST)
            throw GraphException.of("PairwiseCoupling", "classes", "2 ... " + MOST, classes);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var r = Expect.of(in).count(1, 1).input(0, "R").floating().rank(2);
        var rows = r.type().shape().get(0);
        r.shape(Shape.of(rows, Dimension.of(classes * (classes - 1L) / 2)));
        return List.of(r.type().with(Shape.of(rows, Dimension.of(classes))));
    }

    @Override
    public Lowering lower(Operands in) {
        var type = infer(in).getFirst();
        var dtype = Accumulation.of(type.dtype());
        var k = Dimension.of(classes);
        var q = Buffer.of("q", new TensorType(dtype, Shape.of(type.shape().get(0), k, k)));
        var y = Buffer.of("y", type);
        return new Compute(
                List.of(
                        Stage.each(q, o -> quadratic(in, o, dtype)),
                        Stage.each(y, o -> iterated(q, o, dtype).cast(type.dtype()))),
                List.of(y));
    }

    /// {@return r_ij}
    private Expr pair(Operands in, Expr n, Expr i, Expr j, DType dtype) {
        var a = i.min(j);
        var b = i.max(j);
        var before = a.times(Expr.of(2L * classes - 1).minus(a)).floorDividedBy(2);
        var r = in.load(0, n, before.plus(b.minus(a).minus(1))).cast(dtype);
        return i.less(j).select(r, Expr.of(dtype, 1).minus(r));
    }

    private Expr quadratic(Operands in, List<Index> o, DType dtype) {
        var n = o.get(0);
        var i = o.get(1);
        var j = o.get(2);
        var m = new Index("m", Dimension.of(classes));
        var against = pair(in, n, m, i, dtype);
        var square = m.isEqualTo(i).select(Expr.of(dtype, 0), against.times(against));
        var mixed = pair(in, n, j, i, dtype).times(pair(in, n, i, j, dtype));
        return i.isEqualTo(j)
                .select(Expr.sum(List.of(m), square), mixed.apply(Unary.Operator.NEGATE));
    }

    /// Each class takes two steps, so that what all share is computed once: δ, then what it
    /// changes.
    private Expr iterated(Buffer q, List<Index> o, DType dtype) {
        var n = o.get(0);
        var turn = new Index("turn", Dimension.of(Math.max(100, classes)));
        var t = new Index("t", Dimension.of(classes));
        var phase = new Index("phase", Dimension.of(2));
        var one = Expr.of(dtype, 1);
        var p = locals("p", dtype);
        var qp = locals("qp", dtype);
        var pqp = new Local("pqp", dtype);
        var delta = new Local("delta", dtype);
        var isOver = new Local("over", DType.INT32);
        Expr error = Expr.of(dtype, 0);
        Expr own = qp.getFirst();
        for (int i = 0; i < classes; i++) {
            error = error.max(qp.get(i).minus(pqp).apply(Unary.Operator.ABS));
            if (i > 0) own = t.isEqualTo(Expr.of(i)).select(qp.get(i), own);
        }
        var qtt = new Load(q, List.of(n, t, t));
        var applies = phase.isEqualTo(Expr.of(1)).and(isOver.isEqualTo(Expr.of(0)));
        var sum = one.plus(delta);
        var accumulators = new ArrayList<Accumulator>();
        var isBegin = t.isEqualTo(Expr.of(0)).and(phase.isEqualTo(Expr.of(0)));
        var isRight = isBegin.and(error.less(Expr.of(dtype, 0.005 / classes)));
        accumulators.add(new Accumulator(isOver, Expr.of(0), isRight.select(Expr.of(1), isOver)));
        var change = pqp.minus(own).dividedBy(qtt);
        accumulators.add(
                new Accumulator(
                        delta,
                        Expr.of(dtype, 0),
                        phase.isEqualTo(Expr.of(0)).select(change, delta)));
        // (Qp)_t is pᵀQp − δ·Q_tt, so δ (δ·Q_tt + 2 (Qp)_t) is this
        var growth = delta.times(pqp.plus(pqp).minus(delta.times(qtt)));
        var i = new Index("i", Dimension.of(classes));
        var j = new Index("j", Dimension.of(classes));
        var whole = Expr.sum(List.of(i, j), new Load(q, List.of(n, i, j)));
        var square = Expr.of(dtype, (double) classes * classes);
        accumulators.add(
                new Accumulator(
                        pqp,
                        whole.dividedBy(square),
                        applies.select(pqp.plus(growth).dividedBy(sum.times(sum)), pqp)));
        Expr result = p.getFirst();
        for (int c = 0; c < classes; c++) {
            var isOwn = t.isEqualTo(Expr.of(c));
            var moved = isOwn.select(p.get(c).plus(delta), p.get(c)).dividedBy(sum);
            accumulators.add(
                    new Accumulator(
                            p.get(c),
                            Expr.of(dtype, 1.0 / classes),
                            applies.select(moved, p.get(c))));
            var row = Expr.sum(List.of(j), new Load(q, List.of(n, Expr.of(c), j)));
            var load = new Load(q, List.of(n, t, Expr.of(c)));
            var next = qp.get(c).plus(delta.times(load)).dividedBy(sum);
            accumulators.add(
                    new Accumulator(
                            qp.get(c),
                            row.dividedBy(Expr.of(dtype, classes)),
                            applies.select(next, qp.get(c))));
            if (c > 0) result = o.get(1).isEqualTo(Expr.of(c)).select(p.get(c), result);
        }
        return new Fold(List.of(turn, t, phase), accumulators, result);
    }

    private List<Local> locals(String name, DType dtype) {
        var locals = new ArrayList<Local>();
        for (int i = 0; i < classes; i++) locals.add(new Local(name + i, dtype));
        return locals;
    }
}
