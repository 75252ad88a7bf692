package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Boxes that overlap no better one of their class: a row `[batch, class, box]` for each.
///
/// | | shape | dtype |
/// |---|---|---|
/// | boxes | `[B, N, 4]`: two opposite corners `y, x, y, x`, or `x, y` of the centre, width, height | float32 |
/// | scores | `[B, C, N]` | float32 |
/// | most, may be absent (0) | one element: boxes of a class at most | int64 |
/// | iou, may be absent (0) | one element | float32 |
/// | least, may be absent (none) | one element | float32 |
/// | selected | `[count, 3]` | int64 |
///
/// In each batch and class, boxes whose score is above `least` are taken in descending order of
/// their scores, of equal ones the first, unless the intersection with one taken before is more
/// than `iou` of the union of the two; a box without area overlaps nothing. How many there are
/// depends on data, so it is a symbol.
///
/// Source: ONNX NonMaxSuppression-11.
///
/// @param count the name of the symbol
public record NonMaxSuppression(boolean centerPointBox, String count) implements Primitive {
    public NonMaxSuppression {
        if (count.isEmpty())
            throw GraphException.of(
                    "NonMaxSuppression", "count", "a name for the number of boxes", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 5);
        var boxes = expect.input(0, "boxes").dtype(DType.FLOAT32).rank(3);
        boxes.extent(2, Dimension.of(4), "coordinates");
        expect.input(1, "scores")
                .dtype(DType.FLOAT32)
                .rank(3)
                .extent(0, in.extent(0, 0), "B")
                .extent(2, in.extent(0, 1), "N");
        expect.optional(2, "most").dtype(DType.INT64).single();
        expect.optional(3, "iou").dtype(DType.FLOAT32).single();
        expect.optional(4, "least").dtype(DType.FLOAT32).single();
        var shape = io.webdnn.tensor.Shape.of(Dimension.symbol(count), Dimension.of(3));
        return List.of(new TensorType(DType.INT64, shape));
    }

    @Override
    public Lowering lower(Operands in) {
        return new Lowered(this, in).lower();
    }

    /// The steps: boxes whose score is high enough are found and sorted, by row (a class of a
    /// batch), then by score; one after the other is compared with those of its row that were taken
    /// before.
    private static final class Lowered {
        private final NonMaxSuppression op;
        private final Operands in;
        private final Dimension classes;
        private final Dimension boxes;
        private final Dimension rows;
        private final List<Step> steps = new ArrayList<>();

        Lowered(NonMaxSuppression op, Operands in) {
            this.op = op;
            this.in = in;
            classes = in.extent(1, 1);
            boxes = in.extent(0, 1);
            rows = in.extent(0, 0).times(classes);
        }

        Lowering lower() {
            var sorted = candidates();
            var slots = slots();
            var taken = taken(sorted, slots);
            var marks =
                    new RankSelect(
                            rows.times(slots),
                            place ->
                                    slot(place, slots)
                                            .less(load(taken, row(place, slots), Expr.of(0))),
                            steps);
            steps.add(new Measure(op.count, marks.total(), rows.times(slots)));
            var places = RankSelect.int32("places", Dimension.symbol(op.count));
            steps.add(Stage.each(places, o -> marks.select(o.getFirst())));
            var y = Buffer.of("selected", op.infer(in).getFirst());
            steps.add(
                    Stage.each(
                            y,
                            o -> {
                                var place = load(places, o.get(0));
                                var row = row(place, slots);
                                var which = load(taken, row, slot(place, slots).plus(1)).minus(1);
                                var box = load(sorted, which).floorModulo(Expr.of(boxes));
                                var first =
                                        o.get(1)
                                                .isEqualTo(Expr.of(0))
                                                .select(batchOf(row), classOf(row));
                                return o.get(1)
                                        .isEqualTo(Expr.of(2))
                                        .select(box, first)
                                        .cast(DType.INT64);
                            }));
            return new Measured(steps, List.of(y));
        }

        private static Expr load(Buffer buffer, Expr... index) {
            return new Load(buffer, List.of(index));
        }

        private static Expr row(Expr place, Dimension slots) {
            return place.floorDividedBy(Expr.of(slots));
        }

        private static Expr slot(Expr place, Dimension slots) {
            return place.floorModulo(Expr.of(slots));
        }

        private Expr batchOf(Expr row) {
            return row.floorDividedBy(Expr.of(classes));
        }

        private Expr classOf(Expr row) {
            return row.floorModulo(Expr.of(classes));
        }

        /// {@return the only element of an optional input}
        private Expr number(int i, double otherwise) {
            if (!in.has(i)) return Expr.of(DType.FLOAT32, otherwise);
            return in.load(i, Collections.nCopies(in.type(i).rank(), Expr.of(0)));
        }

        /// {@return flat positions of scores}
        private Buffer candidates() {
            var all = rows.times(boxes);
            var least = number(4, Double.NEGATIVE_INFINITY);
            var high = new RankSelect(all, place -> least.less(score(place)), steps);
            var symbol = op.count + ".candidates";
            steps.add(new Measure(symbol, high.total(), all));
            var found = RankSelect.int32("candidates", Dimension.symbol(symbol));
            steps.add(Stage.each(found, o -> high.select(o.getFirst())));
            return MergeSort.sort(found, all, this::isBefore, steps);
        }

        private Expr score(Expr place) {
            var shape = in.shape(1);
            return in.load(
                    1,
                    Reindex.index(
                            shape, io.webdnn.tensor.Shape.of(shape.elements()), List.of(place)));
        }

        private Expr isBefore(Expr a, Expr b) {
            var rowOfA = row(a, boxes);
            var rowOfB = row(b, boxes);
            var isBetter = score(b).less(score(a));
            return rowOfA.less(rowOfB).or(rowOfA.isEqualTo(rowOfB).and(isBetter));
        }

        /// {@return how many boxes of a row can be taken at most, but 1 at least}
        private Dimension slots() {
            var most = in.constantOrNull(2);
            long known = most == null ? in.has(2) ? Long.MAX_VALUE : 0 : most.getLong(0);
            if (boxes.isFixed()) return Dimension.of(Math.max(1, Math.min(known, boxes.value())));
            return known > Integer.MAX_VALUE ? boxes : Dimension.of(Math.max(1, known));
        }

        /// {@return per row, how many were taken, then which of the candidates, from 1 on}
        ///
        /// A candidate makes two updates: its number, if no box of the row overlaps it, and if it
        /// made that, the count.
        private Buffer taken(Buffer sorted, Dimension slots) {
            var corners = corners(sorted);
            var taken = RankSelect.int32("taken", rows, slots.plus(1));
            var candidate = new Index("candidate", sorted.type().shape().get(0));
            var update = new Index("update", Dimension.of(2));
            var row = row(load(sorted, candidate), boxes);
            var count = load(taken, row, Expr.of(0));
            var number = candidate.plus(1);
            var isCount = update.isEqualTo(Expr.of(1));
            var isTaken = load(taken, row, count.plus(1)).isEqualTo(number);
            var fits =
                    count.less(Expr.of(slots))
                            .and(isBelowMost(count))
                            .select(
                                    isCount.select(
                                            isTaken,
                                            overlapsAny(corners, candidate, taken, row, count)
                                                    .apply(Unary.Operator.NOT)),
                                    Literal.of(false));
            steps.add(
                    new Push(
                            taken,
                            Stage.indices("o", taken.type().shape().dimensions()),
                            Expr.of(0),
                            List.of(candidate, update),
                            fits,
                            List.of(row, isCount.select(Expr.of(0), count.plus(1))),
                            isCount.select(count.plus(1), number),
                            Push.Combine.REPLACE));
            return taken;
        }

        /// {@return whether one of the `count` boxes that a row has taken overlaps a candidate}
        private Expr overlapsAny(
                Buffer corners, Expr candidate, Buffer taken, Expr row, Expr count) {
            var slot = new Index("slot", taken.type().shape().get(1).minus(Dimension.of(1)));
            var other = new Local("other", DType.INT32);
            var mine = new Box();
            var theirs = new Box();
            var overlaps =
                    new Let(
                            other,
                            load(taken, row, slot.plus(1)).minus(1),
                            theirs.at(corners, other, isMore(mine, theirs)));
            var any =
                    new Reduce(
                            Reduce.Operator.ANY,
                            List.of(slot),
                            slot.less(count).select(overlaps, Literal.of(false)));
            return mine.at(corners, candidate, any);
        }

        private Expr isBelowMost(Expr count) {
            var known = in.constantOrNull(2);
            if (known != null) return Literal.of(known.getLong(0) > 0); // slots are not more
            if (!in.has(2)) return Literal.of(false);
            var most = in.load(2, Collections.nCopies(in.type(2).rank(), Expr.of(0)));
            return count.cast(DType.INT64).less(most);
        }

        /// {@return whether the intersection of two boxes is more than `iou` of their union}
        private Expr isMore(Box a, Box b) {
            var zero = Expr.of(DType.FLOAT32, 0);
            var height = a.bottom.min(b.bottom).minus(a.top.max(b.top));
            var width = a.right.min(b.right).minus(a.left.max(b.left));
            var both = height.times(width);
            var share = both.dividedBy(a.area().plus(b.area()).minus(both));
            var isEmpty =
                    a.area()
                            .lessOrEqual(zero)
                            .or(b.area().lessOrEqual(zero))
                            .or(height.lessOrEqual(zero))
                            .or(width.lessOrEqual(zero));
            return number(3, 0).less(isEmpty.select(zero, share));
        }

        /// {@return top, left, bottom, right of each candidate}
        private Buffer corners(Buffer sorted) {
            var candidates = sorted.type().shape().get(0);
            var shape = io.webdnn.tensor.Shape.of(candidates, Dimension.of(4));
            var corners = Buffer.of("corners", new TensorType(DType.FLOAT32, shape));
            steps.add(
                    Stage.each(
                            corners,
                            o -> {
                                var place = load(sorted, o.getFirst());
                                return corner(
                                        batchOf(row(place, boxes)),
                                        place.floorModulo(Expr.of(boxes)),
                                        o.get(1));
                            }));
            return corners;
        }

        private Expr corner(Expr batch, Expr box, Expr side) {
            var isEnd = Expr.of(1).less(side);
            var axis = side.floorModulo(Expr.of(2));
            if (!op.centerPointBox) {
                var a = in.load(0, batch, box, axis);
                var b = in.load(0, batch, box, axis.plus(2));
                return isEnd.select(a.max(b), a.min(b));
            }
            var x = Expr.of(1).minus(axis); // x stands before y
            var middle = in.load(0, batch, box, x);
            var half = in.load(0, batch, box, x.plus(2)).dividedBy(Expr.of(DType.FLOAT32, 2));
            return isEnd.select(middle.plus(half), middle.minus(half));
        }
    }

    /// The sides of a box while an expression uses them.
    private static final class Box {
        final Local top = new Local("top", DType.FLOAT32);
        final Local left = new Local("left", DType.FLOAT32);
        final Local bottom = new Local("bottom", DType.FLOAT32);
        final Local right = new Local("right", DType.FLOAT32);

        Expr area() {
            return bottom.minus(top).times(right.minus(left));
        }

        /// {@return the expression, with this as the box of a candidate}
        Expr at(Buffer corners, Expr candidate, Expr result) {
            var sides = List.of(top, left, bottom, right);
            for (int i = 3; i >= 0; i--) {
                var value = new Load(corners, List.of(candidate, Expr.of(i)));
                result = new Let(sides.get(i), value, result);
            }
            return result;
        }
    }
}
