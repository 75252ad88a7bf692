package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// [Unique] as steps: slices are sorted, the first of each run of equal ones is marked, and each
/// slice finds its run by binary search.
final class UniqueSteps {
    private final Operands in;
    private final Shape shape;
    private final int along;
    private final Dimension slices;
    private final List<Step> steps = new ArrayList<>();

    /// @param along the axis of the slices, −1 for single elements
    private UniqueSteps(Operands in, int along) {
        this.in = in;
        this.along = along;
        shape = in.shape(0);
        slices = along < 0 ? shape.elements() : shape.get(along);
    }

    static Measured lower(Operands in, int along, boolean sorted, String count, TensorType y) {
        return new UniqueSteps(in, along).lower(sorted, count, y);
    }

    private Measured lower(boolean sorted, String count, TensorType type) {
        var numbers = each("numbers", slices, i -> i);
        var order = MergeSort.sort(numbers, slices, this::isBefore, steps);
        var isNew = Buffer.of("isNew", numbers.type().with(DType.BOOL));
        steps.add(Stage.each(isNew, o -> isNew(order, o.getFirst())));
        var runs = new RankSelect(slices, place -> load(isNew, place), steps);
        steps.add(new Measure(count, runs.total(), slices));
        var found = Dimension.symbol(count);
        var starts = each("starts", found, runs::select);
        var firsts = each("firsts", found, k -> load(order, load(starts, k)));
        Expr total = new Load(runs.total(), List.of());
        int bits = Search.bits(slices);
        var runOf =
                each(
                        "runOf",
                        slices,
                        i ->
                                Search.end(
                                        Expr.of(0),
                                        total,
                                        bits,
                                        k -> isBefore(load(firsts, k), i)));
        var lengths =
                each(
                        "lengths",
                        found,
                        k -> {
                            var next = k.plus(1);
                            var end = next.less(total).select(load(starts, next), Expr.of(slices));
                            return end.minus(load(starts, k));
                        });
        if (sorted) return outputs(type, firsts, runOf, lengths);
        var marks = new RankSelect(slices, i -> load(firsts, load(runOf, i)).isEqualTo(i), steps);
        var seen = each("seen", found, marks::select);
        var inverse =
                each("inverse", slices, i -> marks.rank(load(firsts, load(runOf, i))).minus(1));
        var counts = each("counts", found, k -> load(lengths, load(runOf, load(seen, k))));
        return outputs(type, seen, inverse, counts);
    }

    private Measured outputs(TensorType type, Buffer firsts, Buffer inverse, Buffer counts) {
        var y = Buffer.of("y", type);
        steps.add(
                Stage.each(
                        y,
                        o ->
                                along < 0
                                        ? element(load(firsts, o.getFirst()), List.of())
                                        : element(load(firsts, o.get(along)), without(o))));
        return new Measured(steps, List.of(y, longs(firsts), longs(inverse), longs(counts)));
    }

    private Buffer each(
            String name, Dimension extent, java.util.function.UnaryOperator<Expr> value) {
        var buffer = RankSelect.int32(name, extent);
        steps.add(Stage.each(buffer, o -> value.apply(o.getFirst())));
        return buffer;
    }

    private Buffer longs(Buffer numbers) {
        var wide = Buffer.of(numbers.name(), numbers.type().with(DType.INT64));
        steps.add(Stage.each(wide, o -> load(numbers, o.getFirst()).cast(DType.INT64)));
        return wide;
    }

    private static Expr load(Buffer buffer, Expr at) {
        return new Load(buffer, List.of(at));
    }

    private List<Index> without(List<Index> o) {
        var others = new ArrayList<>(o);
        others.remove(along);
        return others;
    }

    /// {@return whether the slice at a place of the order differs from the one before}
    private Expr isNew(Buffer order, Expr place) {
        var before = isBefore(load(order, place.minus(1)), load(order, place));
        return Expr.of(0).less(place).select(before, Literal.of(true));
    }

    /// {@return an element of a slice}
    ///
    /// @param inner its indices on the other axes
    private Expr element(Expr slice, List<? extends Expr> inner) {
        if (along < 0) return in.load(0, Reindex.index(shape, Shape.of(slices), List.of(slice)));
        var index = new ArrayList<Expr>(inner);
        index.add(along, slice);
        return in.load(0, index);
    }

    /// {@return whether slice a stands before slice b: at the first element that differs}
    private Expr isBefore(Expr a, Expr b) {
        var inner =
                along < 0
                        ? List.<Index>of()
                        : Stage.indices("e", shape.without(along).dimensions());
        var mine = element(a, inner);
        var theirs = element(b, inner);
        if (inner.isEmpty()) return isLess(mine, theirs);
        var order = new Local("order", DType.INT32);
        var here =
                isLess(mine, theirs)
                        .select(Expr.of(-1), isLess(theirs, mine).select(Expr.of(1), Expr.of(0)));
        var update = order.isEqualTo(Expr.of(0)).select(here, order);
        var fold = new Fold(inner, List.of(new Accumulator(order, Expr.of(0), update)), order);
        return fold.less(Expr.of(0));
    }

    /// NaN stands last.
    private static Expr isLess(Expr a, Expr b) {
        if (a.dtype() == DType.BOOL) return isLess(a.cast(DType.INT32), b.cast(DType.INT32));
        var isLess = a.less(b);
        if (!a.dtype().isFloat()) return isLess;
        var isNumber = a.apply(Unary.Operator.IS_NAN).apply(Unary.Operator.NOT);
        return isLess.or(b.apply(Unary.Operator.IS_NAN).and(isNumber));
    }
}
