package io.webdnn.graph.op;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// What [CumSum] and [CumProd] share: reductions of all elements up to each one, along an axis.
///
/// An axis of fixed extent n takes ⌈log₂ n⌉ stages, each combining with what the stage before has
/// `2^s` elements away; a symbolic one is a recurrence.
record RunningReduction(
        Binary.Operator operator, double identity, boolean exclusive, boolean reverse) {
    static List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var x = expect.input(0, "x").numeric().rankAtLeast(1);
        expect.input(1, "axis").index().single();
        x.axis(Math.toIntExact(in.longs(1, "axis")[0]));
        return List.of(x.type());
    }

    Lowering lower(Operands in) {
        int given = Math.toIntExact(in.longs(1, "axis")[0]);
        int axis = given < 0 ? given + in.type(0).rank() : given;
        return in.extent(0, axis).isFixed() ? doubling(in, axis) : recurrence(in, axis);
    }

    private Lowering doubling(Operands in, int axis) {
        var x = in.type(0);
        long extent = x.shape().get(axis).value();
        var wide = x.with(Accumulation.of(x.dtype()));
        var stages = new ArrayList<Stage>();
        var sums = Buffer.of("running", wide);
        stages.add(
                Stage.each(
                        sums,
                        o -> {
                            var source = exclusive ? neighbour(o, axis, 1) : List.<Expr>copyOf(o);
                            return in.loadOr(0, source, Expr.of(x.dtype(), identity))
                                    .cast(wide.dtype());
                        }));
        for (long distance = 1; distance < extent; distance *= 2) {
            var before = sums;
            long away = distance;
            sums = Buffer.of("running", wide);
            stages.add(
                    Stage.each(
                            sums,
                            o -> {
                                var at = neighbour(o, axis, away);
                                var other = new Load(before, at);
                                var inside = at.get(axis).isWithin(x.shape().get(axis));
                                return new Load(before, List.copyOf(o))
                                        .apply(
                                                operator,
                                                inside.select(
                                                        other, Expr.of(wide.dtype(), identity)));
                            }));
        }
        if (wide.equals(x)) return new Compute(stages, List.of(sums));
        var last = sums;
        var y = Buffer.of("y", x);
        stages.add(Stage.each(y, o -> new Load(last, List.copyOf(o)).cast(x.dtype())));
        return new Compute(stages, List.of(y));
    }

    /// {@return the index that far back in the direction of the sum}
    private List<Expr> neighbour(List<? extends Expr> o, int axis, long distance) {
        var at = new ArrayList<Expr>(o);
        at.set(axis, o.get(axis).plus(reverse ? distance : -distance));
        return at;
    }

    private Lowering recurrence(Operands in, int axis) {
        var x = in.type(0);
        var wide = Accumulation.of(x.dtype());
        var n = x.shape().get(axis);
        var row = new TensorType(wide, x.shape().without(axis));
        var step = new Index("step", n);
        var current = Buffer.of("current", row);
        var next = Buffer.of("next", row);
        var kept = Buffer.of("kept", row);
        var all = Buffer.of("all", row.with(Shape.of(n).concat(row.shape())));
        var domain = Stage.indices("o", row.shape().dimensions());
        var at = new ArrayList<Expr>(domain);
        at.add(axis, fromStart(step, n));
        var sum = new Load(current, List.copyOf(domain)).apply(operator, in.load(0, at).cast(wide));
        var outputs =
                List.of(
                        new Stage.Output(next, sum),
                        new Stage.Output(
                                kept, exclusive ? new Load(current, List.copyOf(domain)) : sum));
        var zero = Expr.of(wide, identity);
        var states =
                List.of(
                        new Recurrence.State(
                                current, Stage.indices("o", row.shape().dimensions()), zero, next));
        var body = List.of(new Stage(domain, outputs));
        var histories = List.of(new Recurrence.History(all, kept));
        var y = Buffer.of("y", x);
        var result =
                Stage.each(
                        y,
                        o -> {
                            var from = new ArrayList<Expr>(o);
                            from.remove(axis);
                            from.addFirst(fromStart(o.get(axis), n));
                            return new Load(all, from).cast(x.dtype());
                        });
        return new Scan(
                List.of(),
                new Recurrence(step, states, body, histories),
                List.of(result),
                List.of(y));
    }

    private Expr fromStart(Expr i, Dimension n) {
        return reverse ? Expr.of(n).minus(1).minus(i) : i;
    }
}
