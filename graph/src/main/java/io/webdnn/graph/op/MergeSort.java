package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;
import java.util.function.BinaryOperator;

/// Puts int32 numbers in order that stand for something: a stable sort.
///
/// Runs of `2^p` are merged in pairs; each element of the merged run finds by binary search how
/// many of those before it come from the first of the pair (*merge path*; Odeh, Green and others
/// 2012). n log² n comparisons in ⌈log₂ n⌉ stages. Where n has no bound, elements are ranked by
/// counting: n² comparisons.
final class MergeSort {
    private MergeSort() {}

    /// {@return the numbers in ascending order}
    ///
    /// @param numbers int32, of rank 1
    /// @param most a bound on how many there are
    /// @param isBefore whether one number stands before another: a strict weak order
    /// @param steps where the steps are added that sort
    static Buffer sort(
            Buffer numbers,
            Dimension most,
            BinaryOperator<Expr> isBefore,
            List<? super Step> steps) {
        if (!most.isFixed()) return ranked(numbers, isBefore, steps);
        var sorted = numbers;
        for (long run = 1; run < most.value(); run *= 2) {
            var from = sorted;
            long length = run;
            sorted = Buffer.of("sorted", numbers.type());
            steps.add(Stage.each(sorted, o -> merged(from, o.getFirst(), length, isBefore)));
        }
        return sorted;
    }

    /// {@return the number at a place, after runs of a length have been merged in pairs}
    private static Expr merged(Buffer from, Expr at, long run, BinaryOperator<Expr> isBefore) {
        var n = Expr.of(from.type().shape().get(0));
        var start = at.floorDividedBy(2 * run).times(2 * run);
        var middle = start.plus(run);
        var place = at.minus(start);
        var first = n.minus(start).min(Expr.of(run)); // lengths of the two runs
        var second = n.minus(middle).max(Expr.of(0)).min(Expr.of(run));
        var taken = new Local("taken", DType.INT32);
        var search =
                Search.end(
                        place.minus(second).max(Expr.of(0)),
                        place.min(first),
                        Search.bits(Dimension.of(run)),
                        i ->
                                isNotAfter(
                                        load(from, start.plus(i)),
                                        load(from, middle.plus(place).minus(1).minus(i)),
                                        isBefore));
        var other = place.minus(taken);
        var isFirst =
                taken.less(first)
                        .select(
                                other.less(second)
                                        .select(
                                                isNotAfter(
                                                        load(from, start.plus(taken)),
                                                        load(from, middle.plus(other)),
                                                        isBefore),
                                                Literal.of(true)),
                                Literal.of(false));
        return new Let(
                taken,
                search,
                isFirst.select(load(from, start.plus(taken)), load(from, middle.plus(other))));
    }

    private static Expr isNotAfter(Expr a, Expr b, BinaryOperator<Expr> isBefore) {
        return isBefore.apply(b, a).apply(Unary.Operator.NOT);
    }

    private static Expr load(Buffer buffer, Expr at) {
        return new Load(buffer, List.of(at));
    }

    private static Buffer ranked(
            Buffer numbers, BinaryOperator<Expr> isBefore, List<? super Step> steps) {
        var n = numbers.type().shape().get(0);
        var ranks = Buffer.of("ranks", numbers.type());
        steps.add(
                Stage.each(
                        ranks,
                        o -> {
                            var i = o.getFirst();
                            var j = new Index("j", n);
                            var mine = load(numbers, i);
                            var theirs = load(numbers, j);
                            var isEarlier = j.less(i).and(isNotAfter(theirs, mine, isBefore));
                            var comes = isBefore.apply(theirs, mine).or(isEarlier);
                            return Expr.sum(List.of(j), comes.select(Expr.of(1), Expr.of(0)));
                        }));
        var sorted = Buffer.of("sorted", numbers.type());
        var u = new Index("u", n);
        steps.add(
                new Push(
                        sorted,
                        Stage.indices("o", List.of(n)),
                        Expr.of(0),
                        List.of(u),
                        Literal.of(true),
                        List.of(load(ranks, u)),
                        load(numbers, u),
                        Push.Combine.REPLACE));
        return sorted;
    }
}
