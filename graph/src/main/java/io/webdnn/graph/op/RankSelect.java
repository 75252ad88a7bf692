package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// The marked places of `0 … length − 1`: how many there are, how many stand up to a place (*rank*)
/// and where the k-th stands (*select*). Marks are counted in blocks; the running sums of the
/// blocks are searched, then one block is looked through (Jacobson 1989).
final class RankSelect {
    private static final int BLOCK = 64;
    private static final int GROUP = 16;
    private static final int GROUPINGS = 2;

    private final Dimension length;
    private final UnaryOperator<Expr> isMarked;
    private final Dimension blocks;
    private final Buffer running;
    private final Buffer total;

    /// @param isMarked of a place, bool
    /// @param steps where the steps are added that count
    RankSelect(Dimension length, UnaryOperator<Expr> isMarked, List<? super Step> steps) {
        this.length = length;
        this.isMarked = isMarked;
        blocks = length.plus(BLOCK - 1).floorDividedBy(BLOCK);
        var sums = int32("marks", blocks);
        steps.add(
                Stage.each(
                        sums,
                        o -> {
                            var j = new Index("j", Dimension.of(BLOCK));
                            var place = o.getFirst().times(BLOCK).plus(j);
                            return Expr.sum(List.of(j), mark(place));
                        }));
        running = running(sums, steps);
        total = int32("total");
        steps.add(
                Stage.each(
                        total,
                        _ ->
                                Expr.of(0)
                                        .less(Expr.of(blocks))
                                        .select(
                                                new Load(
                                                        running, List.of(Expr.of(blocks).minus(1))),
                                                Expr.of(0))));
    }

    static Buffer int32(String name, Dimension... extents) {
        return Buffer.of(name, new TensorType(DType.INT32, Shape.of(extents)));
    }

    /// {@return how many places are marked: an int32 scalar}
    Buffer total() {
        return total;
    }

    /// {@return how many marked places are not behind a place}
    Expr rank(Expr place) {
        var j = new Index("j", Dimension.of(BLOCK));
        var first = place.floorDividedBy(BLOCK).times(BLOCK);
        var at = first.plus(j);
        var here = at.lessOrEqual(place).select(mark(at), Expr.of(0));
        return before(place.floorDividedBy(BLOCK)).plus(Expr.sum(List.of(j), here));
    }

    /// {@return the marked place before which there are k}
    Expr select(Expr k) {
        var block = new Local("block", DType.INT32);
        var wanted = new Local("wanted", DType.INT32);
        var j = new Index("j", Dimension.of(BLOCK));
        var seen = new Local("seen", DType.INT32);
        var place = new Local("place", DType.INT32);
        var marks = seen.plus(mark(block.times(BLOCK).plus(j)));
        var further = marks.lessOrEqual(wanted).select(Expr.of(1), Expr.of(0));
        var inBlock =
                new Fold(
                        List.of(j),
                        List.of(
                                new Accumulator(seen, Expr.of(0), marks),
                                new Accumulator(place, Expr.of(0), place.plus(further))),
                        place);
        var found =
                Search.end(
                        Expr.of(0),
                        Expr.of(blocks),
                        Search.bits(blocks),
                        b -> new Load(running, List.of(b)).lessOrEqual(k));
        return new Let(
                block,
                found,
                new Let(wanted, k.minus(before(block)), block.times(BLOCK).plus(inBlock)));
    }

    private Expr before(Expr block) {
        var sum = new Load(running, List.of(block.minus(1)));
        return Expr.of(0).less(block).select(sum, Expr.of(0));
    }

    private Expr mark(Expr place) {
        return place.less(Expr.of(length))
                .select(isMarked.apply(place), Literal.of(false))
                .select(Expr.of(1), Expr.of(0));
    }

    /// {@return the sums up to each element: in ⌈log₂ n⌉ stages, or where n is not known from sums
    /// of groups, of which there are so few in the end that each adds up all before it}
    private static Buffer running(Buffer each, List<? super Step> steps) {
        var n = each.type().shape().get(0);
        if (!n.isFixed()) return grouped(each, GROUPINGS, steps);
        var sums = each;
        for (long distance = 1; distance < n.value(); distance *= 2) {
            var before = sums;
            long away = distance;
            sums = int32("running", n);
            steps.add(
                    Stage.each(
                            sums,
                            o -> {
                                var far = o.getFirst().minus(away);
                                var other = new Load(before, List.of(far));
                                return new Load(before, new ArrayList<Expr>(o))
                                        .plus(
                                                Expr.of(0)
                                                        .lessOrEqual(far)
                                                        .select(other, Expr.of(0)));
                            }));
        }
        return sums;
    }

    private static Buffer grouped(Buffer each, int groupings, List<? super Step> steps) {
        var n = each.type().shape().get(0);
        var running = int32("running", n);
        if (groupings == 0) {
            steps.add(Stage.each(running, o -> sum(each, Expr.of(0), n, o.getFirst())));
            return running;
        }
        var size = Dimension.of(GROUP);
        var sums = int32("sums", n.plus(GROUP - 1).floorDividedBy(GROUP));
        var end = Expr.of(n).minus(1);
        steps.add(Stage.each(sums, o -> sum(each, o.getFirst().times(GROUP), size, end)));
        var groups = grouped(sums, groupings - 1, steps);
        steps.add(
                Stage.each(
                        running,
                        o -> {
                            var i = o.getFirst();
                            var group = i.floorDividedBy(GROUP);
                            var before = new Load(groups, List.of(group.minus(1)));
                            return Expr.of(0)
                                    .less(group)
                                    .select(before, Expr.of(0))
                                    .plus(sum(each, group.times(GROUP), size, i));
                        }));
        return running;
    }

    /// {@return the sum of at most `count` elements from one on, not behind another}
    private static Expr sum(Buffer each, Expr from, Dimension count, Expr last) {
        var j = new Index("j", count);
        var at = from.plus(j);
        var isThere = at.lessOrEqual(last);
        return Expr.sum(List.of(j), isThere.select(new Load(each, List.of(at)), Expr.of(0)));
    }
}
