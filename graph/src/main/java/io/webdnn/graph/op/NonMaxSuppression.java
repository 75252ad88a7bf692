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
            var taken = RankSelect.int32("taken", rows, slots.plus(1));
            var candidate = new Index("candidate", sorted.type().shape().get(0));
            var update = new Index("update", Dimension.of(2));
            var place = load(sorted, candidate);
            var row = row(place, boxes);
            var count = load(taken, row, Expr.of(0));
            var number = candidate.plus(1);
            var isCount = update.isEqualTo(Expr.of(1));
            var s = new Index("s", slots);
            var other = load(sorted, load(taken, row, s.plus(1)).minus(1));
            var overlaps =
                    s.less(count)
                            .select(
                                    number(3, 0).less(overlap(batchOf(row), place, other)),
                                    Literal.of(false));
            var overlapsAny = new Reduce(Reduce.Operator.ANY, List.of(s), overlaps);
            var isTaken = load(taken, row, count.plus(1)).isEqualTo(number);
            var fits =
                    count.less(Expr.of(slots))
                            .and(isBelowMost(count))
                            .select(
                                    isCount.select(isTaken, overlapsAny.apply(Unary.Operator.NOT)),
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

        private Expr isBelowMost(Expr count) {
            var known = in.constantOrNull(2);
            if (known != null) return Literal.of(known.getLong(0) > 0); // slots are not more
            if (!in.has(2)) return Literal.of(false);
            var most = in.load(2, Collections.nCopies(in.type(2).rank(), Expr.of(0)));
            return count.cast(DType.INT64).less(most);
        }

        /// {@return the intersection of two boxes over their union, 0 if one has no area}
        private Expr overlap(Expr batch, Expr a, Expr b) {
            var corners = new ArrayList<Local>();
            var values = new ArrayList<Expr>();
            for (var place : List.of(a, b)) {
                for (var value : corners(batch, place.floorModulo(Expr.of(boxes)))) {
                    corners.add(new Local("corner", DType.FLOAT32));
                    values.add(value);
                }
            }
            var height = side(corners, 0);
            var width = side(corners, 1);
            var areaOfA = area(corners.subList(0, 4));
            var areaOfB = area(corners.subList(4, 8));
            var zero = Expr.of(DType.FLOAT32, 0);
            var isEmpty =
                    areaOfA.lessOrEqual(zero)
                            .or(areaOfB.lessOrEqual(zero))
                            .or(height.lessOrEqual(zero))
                            .or(width.lessOrEqual(zero));
            var both = height.times(width);
            Expr result = isEmpty.select(zero, both.dividedBy(areaOfA.plus(areaOfB).minus(both)));
            for (int i = corners.size() - 1; i >= 0; i--)
                result = new Let(corners.get(i), values.get(i), result);
            return result;
        }

        /// {@return how far two boxes overlap along an axis}
        private static Expr side(List<Local> corners, int axis) {
            var end = corners.get(axis + 2).min(corners.get(axis + 6));
            return end.minus(corners.get(axis).max(corners.get(axis + 4)));
        }

        private static Expr area(List<Local> corners) {
            var height = corners.get(2).minus(corners.get(0));
            return height.times(corners.get(3).minus(corners.get(1)));
        }

        /// {@return top, left, bottom, right}
        private List<Expr> corners(Expr batch, Expr box) {
            var b = new ArrayList<Expr>();
            for (int i = 0; i < 4; i++) b.add(in.load(0, batch, box, Expr.of(i)));
            if (!op.centerPointBox)
                return List.of(
                        b.get(0).min(b.get(2)),
                        b.get(1).min(b.get(3)),
                        b.get(0).max(b.get(2)),
                        b.get(1).max(b.get(3)));
            var two = Expr.of(DType.FLOAT32, 2);
            var halfWidth = b.get(2).dividedBy(two);
            var halfHeight = b.get(3).dividedBy(two);
            return List.of(
                    b.get(1).minus(halfHeight),
                    b.get(0).minus(halfWidth),
                    b.get(1).plus(halfHeight),
                    b.get(0).plus(halfWidth));
        }
    }
}
