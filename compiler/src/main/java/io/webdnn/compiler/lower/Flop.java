package io.webdnn.compiler.lower;

import io.webdnn.graph.Graph;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Bits;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Counts floating-point operations in what operators are defined as, before anything is fused,
/// packed or written for a target: a multiplication and an addition are two, whatever it costs any
/// function is one, arithmetic on indices is none. What padding leaves out is counted.
public final class Flop {
    private Flop() {}

    /// {@return the operations of one run of a graph, in terms of its symbols}
    public static Dimension of(Graph graph) {
        var total = Dimension.of(0);
        for (var operation : Lower.lower(graph).operations())
            total = total.plus(of(operation.step()));
        return total;
    }

    private static Dimension of(Step step) {
        return switch (step) {
            case Stage stage -> {
                var each = Dimension.of(0);
                for (var output : stage.outputs()) each = each.plus(of(output.value()));
                yield each.times(count(stage.domain()));
            }
            case Push push -> {
                long combine =
                        isReal(push.value()) && push.combine() != Push.Combine.REPLACE ? 1 : 0;
                var update = of(push.value()).plus(combine);
                yield of(push.initial())
                        .times(count(push.domain()))
                        .plus(update.times(count(push.updates())));
            }
            case Recurrence recurrence -> {
                var once = Dimension.of(0);
                for (var state : recurrence.states())
                    once = once.plus(of(state.initial()).times(count(state.domain())));
                var repeated = Dimension.of(0);
                for (var stage : recurrence.body()) repeated = repeated.plus(of(stage));
                // of steps that only a run counts, one
                boolean isOpen = recurrence.goesOn() != null;
                yield once.plus(isOpen ? repeated : repeated.times(recurrence.step().extent()));
            }
            case Measure _, HostCall _ -> Dimension.of(0); // moves and counts elements
        };
    }

    private static Dimension of(Expr e) {
        return switch (e) {
            case Literal _, Extent _, Index _, Local _, Load _ -> Dimension.of(0);
            case Unary _, Binary _ -> parts(e).plus(isReal(Visit.parts(e).getFirst()) ? 1 : 0);
            case Select _, Cast _, Bits _, Let _ -> parts(e);
            case Reduce(_, var indices, var body) ->
                    of(body).plus(isReal(body) ? 1 : 0).times(count(indices));
            case Fold(var indices, var accumulators, var result) -> {
                var once = of(result);
                var each = Dimension.of(0);
                for (var accumulator : accumulators) {
                    once = once.plus(of(accumulator.initial()));
                    each = each.plus(of(accumulator.update()));
                }
                yield once.plus(each.times(count(indices)));
            }
        };
    }

    private static Dimension parts(Expr e) {
        var sum = Dimension.of(0);
        for (var part : Visit.parts(e)) sum = sum.plus(of(part));
        return sum;
    }

    private static boolean isReal(Expr e) {
        return e.dtype().isFloat();
    }

    private static Dimension count(List<Index> indices) {
        var extents = new ArrayList<Dimension>();
        for (var index : indices) extents.add(index.extent());
        return new Shape(extents).elements();
    }
}
