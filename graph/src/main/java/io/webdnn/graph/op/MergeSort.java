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
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/// Puts int32 numbers in order that stand for something: a stable sort, of the last axis.
///
/// Runs of `2^p` are merged in pairs; each element of the merged run finds by binary search how
/// many of those before it come from the first of the pair (*merge path*; Odeh, Green and others
/// 2012). n log² n comparisons in ⌈log₂ n⌉ stages. Where only the first k are wanted, runs keep so
/// many, and the stages that follow halve: n log² k comparisons. Where n has no bound, elements are
/// ranked by counting: n² comparisons.
final class MergeSort {
    private static final long ALL = Long.MAX_VALUE;

    private final Buffer numbers;
    private final long wanted;
    private final Order order;

    private MergeSort(Buffer numbers, long wanted, Order order) {
        this.numbers = numbers;
        this.wanted = wanted;
        this.order = order;
    }

    /// A strict weak order of numbers.
    @FunctionalInterface
    interface Order {
        /// {@return whether a stands before b}
        ///
        /// @param row the indices of the axes before the last
        Expr isBefore(List<Index> row, Expr a, Expr b);
    }

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
        var sort = new MergeSort(numbers, ALL, (_, a, b) -> isBefore.apply(a, b));
        return sort.merge(most.value(), steps);
    }

    /// {@return the first of the numbers of each row in ascending order, then perhaps others}
    ///
    /// @param numbers int32, with a last axis of fixed extent
    /// @param wanted how many of each row, 1 at least
    static Buffer first(Buffer numbers, long wanted, Order order, List<? super Stage> steps) {
        return new MergeSort(numbers, wanted, order).merge(length(numbers).value(), steps);
    }

    private static Dimension length(Buffer numbers) {
        return numbers.type().shape().get(numbers.type().rank() - 1);
    }

    private Buffer merge(long most, List<? super Stage> steps) {
        var runs = new Runs(numbers, 1, 1);
        while (runs.span < most) {
            var from = runs;
            long kept = Math.min(2 * from.kept, wanted);
            long span = 2 * from.span;
            var merged = Buffer.of("sorted", numbers.type().with(shape(span, kept)));
            steps.add(Stage.each(merged, o -> merged(from, o, kept)));
            runs = new Runs(merged, span, kept);
        }
        return runs.buffer;
    }

    /// Sorted runs, one after the other on the last axis.
    ///
    /// @param span how many numbers each has seen; those of the last run may be fewer
    /// @param kept how many it holds at most
    private record Runs(Buffer buffer, long span, long kept) {}

    private Shape shape(long span, long kept) {
        var n = length(numbers);
        var runs = n.plus(span - 1).floorDividedBy(span);
        return numbers.type()
                .shape()
                .with(numbers.type().rank() - 1, span == kept ? n : runs.times(kept));
    }

    /// {@return the number at a place, after pairs of runs have been merged to runs of `kept`}
    private Expr merged(Runs from, List<Index> o, long kept) {
        var row = o.subList(0, o.size() - 1);
        var at = o.getLast();
        var n = Expr.of(length(numbers));
        var run = at.floorDividedBy(kept);
        var place = at.minus(run.times(kept));
        var start = run.times(2 * from.kept);
        var middle = start.plus(from.kept);
        var seen = run.times(2 * from.span);
        var first = limited(n.minus(seen), from.kept); // lengths of the two runs
        var second = limited(n.minus(seen).minus(from.span), from.kept);
        var taken = new Local("taken", DType.INT32);
        var search =
                Search.end(
                        place.minus(second).max(Expr.of(0)),
                        place.min(first),
                        Search.bits(Dimension.of(from.kept)),
                        i ->
                                isNotAfter(
                                        row,
                                        load(from, row, start.plus(i)),
                                        load(from, row, middle.plus(place).minus(1).minus(i))));
        var other = place.minus(taken);
        var mine = load(from, row, start.plus(taken));
        var theirs = load(from, row, middle.plus(other));
        var isFirst =
                taken.less(first)
                        .select(
                                other.less(second)
                                        .select(isNotAfter(row, mine, theirs), Literal.of(true)),
                                Literal.of(false));
        var isThere = place.less(first.plus(second));
        var number = isFirst.select(mine, theirs);
        boolean mayBeShort = kept < 2 * from.span; // the last run has no end of its own
        return new Let(taken, search, mayBeShort ? isThere.select(number, Expr.of(0)) : number);
    }

    private static Expr limited(Expr count, long most) {
        return count.max(Expr.of(0)).min(Expr.of(most));
    }

    private Expr isNotAfter(List<Index> row, Expr a, Expr b) {
        return order.isBefore(row, b, a).apply(Unary.Operator.NOT);
    }

    private static Expr load(Runs runs, List<Index> row, Expr at) {
        var index = new ArrayList<Expr>(row);
        index.add(at);
        return new Load(runs.buffer, index);
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
