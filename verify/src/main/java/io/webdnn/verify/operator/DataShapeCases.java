package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.ABSENT;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.random;
import static io.webdnn.verify.operator.Given.vector;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.op.Choose;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.Lowering;
import io.webdnn.graph.op.Measured;
import io.webdnn.graph.op.MeasuredSlice;
import io.webdnn.graph.op.NonMaxSuppression;
import io.webdnn.graph.op.NonZero;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Range;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Tile;
import io.webdnn.graph.op.TopK;
import io.webdnn.graph.op.Unique;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Operators whose outputs are as large as data says.
final class DataShapeCases {
    private static final float NAN = Float.NaN;

    private DataShapeCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(
                        positions(),
                        unique(null, true),
                        unique(null, false),
                        uniqueSlices(0, true),
                        uniqueSlices(-1, false),
                        boxes(false),
                        boxes(true),
                        slices(),
                        largest(),
                        choices(),
                        extents(),
                        doubled(),
                        powers(),
                        counted(),
                        spread(),
                        repeated(),
                        folded(),
                        padded())
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> positions() {
        return OperatorContract.of(new NonZero("count"))
                .inputs("2-D", Given.of(Tensor.of(new float[] {0, -0f, 1, NAN, 0, 7}, 2, 3)))
                .inputs("bool", Given.bool(9))
                .inputs("none", Given.filled(0, 4))
                .inputs("all", Given.filled(2, 3, 4))
                .inputs("a scalar", Given.of(Tensor.scalar(DType.FLOAT32, 3)))
                .inputs("nothing", Given.filled(1, 3, 0, 2))
                .inputs("several blocks", random(DType.INT32, -1, 2, 5, 7, 9).symbol(0, "N"))
                .inputs("one of many", sparse(1000, 777).symbol(0, "N"))
                .oracle(in -> {
                    var x = in.get(0);
                    var found = new ArrayList<int[]>();
                    x.forEach(i -> {
                        if (x.at(i) != 0) found.add(i);
                    });
                    return Grid.each(
                            DType.INT64,
                            new int[] {x.rank(), found.size()},
                            o -> found.get(o[1])[o[0]]);
                });
    }

    private static Given sparse(int length, int place) {
        var tensor = Tensor.zeros(DType.FLOAT32, length);
        tensor.setDouble(place, 1);
        return Given.of(tensor);
    }

    private static Stream<OperatorCase> unique(@Nullable Integer axis, boolean sorted) {
        return OperatorContract.of(new Unique(axis, sorted, "count"))
                .inputs("NaN and both zeros", vector(2, NAN, -0f, 2, 0, NAN, -1))
                .inputs("all alike", Given.filled(3, 2, 4))
                .inputs("all different", f32(70))
                .inputs("many alike", random(DType.INT32, -4, 5, 3, 50).symbol(1, "N"))
                .inputs("bool", Given.bool(6))
                .inputs("uint8", random(DType.UINT8, 0, 200, 33))
                .inputs("one", f32(1))
                .inputs("nothing", f32(0, 2))
                .oracles(in -> unique(Objects.requireNonNull(in.getFirst()), -1, sorted));
    }

    private static Stream<OperatorCase> uniqueSlices(int axis, boolean sorted) {
        var repeated = Tensor.of(new float[] {1, NAN, 0, 1, 1, 0, NAN, 1, 2, 1, NAN, 0}, 2, 6);
        return OperatorContract.of(new Unique(axis, sorted, "count"))
                .inputs("slices", Given.of(repeated))
                .inputs("rows of a cube", random(DType.INT32, 0, 2, 9, 2, 8).symbol(0, "N"))
                .inputs("a vector", random(DType.INT64, -3, 4, 40))
                .oracles(in -> {
                    var x = Objects.requireNonNull(in.getFirst());
                    return unique(x, axis < 0 ? axis + x.rank() : axis, sorted);
                });
    }

    /// Slices are put into groups one after the other, and compared with each group's first.
    private static List<Grid> unique(Grid x, int along, boolean sorted) {
        var slices = new ArrayList<List<Double>>();
        int count = along < 0 ? x.size() : x.extent(along);
        for (int s = 0; s < count; s++) slices.add(new ArrayList<>());
        int[] flat = {0};
        x.forEach(i -> slices.get(along < 0 ? flat[0]++ : i[along]).add(x.at(i) + 0.0));
        var firsts = new ArrayList<Integer>();
        for (int s = 0; s < count; s++)
            if (slices.indexOf(slices.get(s)) == s) firsts.add(s); // Double: NaN equals NaN
        Comparator<Integer> order =
                (a, b) -> {
                    for (int e = 0; e < slices.get(a).size(); e++) {
                        int way = slices.get(a).get(e).compareTo(slices.get(b).get(e));
                        if (way != 0) return way;
                    }
                    return 0;
                };
        if (sorted) firsts.sort(order);
        int found = firsts.size();
        var y =
                along < 0
                        ? Grid.each(x.dtype(), new int[] {found}, o -> x.flatAt(firsts.get(o[0])))
                        : slicesOf(x, along, firsts);
        var inverse = new int[count];
        var counts = new int[found];
        for (int s = 0; s < count; s++) {
            int group = firsts.indexOf(slices.indexOf(slices.get(s)));
            inverse[s] = group;
            counts[group]++;
        }
        var each = new int[] {found};
        return List.of(
                y,
                Grid.each(DType.INT64, each, o -> firsts.get(o[0])),
                Grid.each(DType.INT64, new int[] {count}, o -> inverse[o[0]]),
                Grid.each(DType.INT64, each, o -> counts[o[0]]));
    }

    private static Grid slicesOf(Grid x, int along, List<Integer> which) {
        int[] shape = x.shape();
        shape[along] = which.size();
        return Grid.each(
                x.dtype(),
                shape,
                o -> {
                    int[] from = o.clone();
                    from[along] = which.get(o[along]);
                    return x.at(from);
                });
    }

    private static Stream<OperatorCase> boxes(boolean center) {
        var boxes = random(DType.FLOAT32, 0, 1, 2, 30, 4).symbol(0, "B").symbol(1, "N");
        var scores = random(DType.FLOAT32, 0, 1, 2, 3, 30).symbol(0, "B").symbol(2, "N");
        var alike = Given.filled(0.5, 1, 2, 9);
        return OperatorContract.of(new NonMaxSuppression(center, "count"))
                .inputs("a limit", boxes, scores, longs(4), vector(0.3f), vector(0.4f))
                .inputs("any number", boxes, scores, longs(Long.MAX_VALUE).known(), vector(0.2f))
                .inputs("a known limit", boxes, scores, longs(5).known(), vector(0.1f))
                .inputs("no limit given", boxes, scores)
                .inputs("a limit of none", boxes, scores, longs(0).known(), vector(0.5f))
                .inputs("no score is high", boxes, scores, longs(4), ABSENT, vector(2))
                .inputs(
                        "equal scores",
                        random(DType.FLOAT32, 0, 4, 1, 9, 4),
                        alike,
                        longs(9),
                        vector(0.5f))
                .inputs(
                        "hundreds",
                        random(DType.FLOAT32, 0, 1, 1, 300, 4),
                        f32(1, 2, 300),
                        longs(70),
                        vector(0.4f))
                .inputs("NaN", f32(1, 4, 4), scores(0.5f, NAN, 0.7f, NAN), longs(4), vector(1))
                .inputs("a box without area", flat(), scores(0.9f, 0.5f, 0.9f), longs(3))
                .oracles(in -> List.of(suppressed(in, center)));
    }

    private static Stream<OperatorCase> slices() {
        var x = f32(5, 9).symbol(0, "N");
        int far = Integer.MAX_VALUE;
        return Stream.of(
                        slice("inside", List.of(1), List.of(1L), x, bounds(2), bounds(6)),
                        slice("from the end", List.of(-1), List.of(3L), x, bounds(-8), bounds(far)),
                        slice("rows", List.of(0), List.of(1L), x, bounds(0), bounds(3)),
                        slice("backwards", List.of(1), List.of(-1L), x, bounds(-1), bounds(-far)),
                        slice("in twos", List.of(1), List.of(-2L), x, bounds(7), bounds(1)),
                        slice("nothing", List.of(1), List.of(1L), x, bounds(4), bounds(4)),
                        slice("less", List.of(1), List.of(2L), x, bounds(6), bounds(2)),
                        slice("beyond", List.of(1), List.of(1L), x, bounds(-100), bounds(100)),
                        slice(
                                "two axes",
                                List.of(1, 0),
                                List.of(2L, -1L),
                                x,
                                bounds(1, 3),
                                bounds(8, 0)))
                .flatMap(s -> s);
    }

    private static Given bounds(int... values) {
        return Given.of(Tensor.of(values, values.length));
    }

    private static Stream<OperatorCase> slice(
            String what, List<Integer> axes, List<Long> steps, Given x, Given starts, Given ends) {
        return OperatorContract.of(new MeasuredSlice(axes, steps, "count"))
                .inputs(what, x, starts, ends)
                .oracle(in -> {
                    var data = in.get(0);
                    var places = new ArrayList<List<Integer>>();
                    for (int d = 0; d < data.rank(); d++)
                        places.add(IntStream.range(0, data.extent(d)).boxed().toList());
                    for (int i = 0; i < axes.size(); i++) {
                        int d = Math.floorMod(axes.get(i), data.rank());
                        places.set(
                                d,
                                places(
                                        data.extent(d),
                                        in.get(1).flatAt(i),
                                        in.get(2).flatAt(i),
                                        steps.get(i)));
                    }
                    return Grid.each(
                            data.dtype(),
                            places.stream().mapToInt(List::size).toArray(),
                            o -> {
                                var at = new int[o.length];
                                for (int d = 0; d < at.length; d++) at[d] = places.get(d).get(o[d]);
                                return data.at(at);
                            });
                });
    }

    /// Walks along the axis, as Python's `range` does.
    private static List<Integer> places(int extent, double start, double end, long step) {
        double from = start < 0 ? start + extent : start;
        double to = end < 0 ? end + extent : end;
        if (step < 0 && from >= extent) from = extent - 1;
        if (step > 0 && from < 0) from = 0;
        var places = new ArrayList<Integer>();
        for (double i = from; step > 0 ? i < to : i > to; i += step)
            if (i >= 0 && i < extent) places.add((int) i);
            else if (step > 0 ? i >= extent : i < 0) break;
        return places;
    }

    private static Stream<OperatorCase> largest() {
        return OperatorContract.of(new TopK(-1, true, "count"))
                .inputs("3 of 9", f32(2, 9).symbol(0, "N"), longs(3))
                .inputs("5 of 300", random(DType.INT32, 0, 50, 3, 300), longs(5))
                .inputs("of a symbol", f32(70).symbol(0, "T"), longs(7))
                .inputs("none", f32(70), longs(0))
                .inputs("all", f32(2, 65), longs(65))
                .oracles(in -> PlacementCases.sorted(in.getFirst(), in.get(1), -1, true));
    }

    private static Stream<OperatorCase> choices() {
        return Stream.of(true, false)
                .flatMap(which -> {
                    var condition = Given.of(Tensor.of(new boolean[] {which}, 1));
                    return OperatorContract.of(new Choose("size"))
                            .inputs(which + ", other extents", condition, f32(2, 3), f32(2, 7))
                            .inputs(which + ", nothing", condition, f32(4), f32(0))
                            .inputs(
                                    which + ", symbols",
                                    condition,
                                    f32(3, 5).symbol(0, "N"),
                                    f32(4, 5).symbol(0, "M"))
                            .oracle(in -> in.get(which ? 1 : 2));
                });
    }

    /// An operator whose input `at` is a shape that data says.
    private record ByData(Op op, int at, List<Dimension> extents) implements CustomOp {
        private Extents shape() {
            return new Extents("size", extents);
        }

        @Override
        public String toString() {
            return op + " by " + extents;
        }

        @Override
        public List<TensorType> infer(Operands in) {
            var buffers = new ArrayList<@Nullable Buffer>();
            for (int i = 0; i < in.count(); i++) buffers.add(in.has(i) ? in.buffer(i) : null);
            var type = TensorType.of(DType.INT64, extents.size());
            buffers.set(at, Buffer.of("shape", type));
            return op.infer(new Operands(op.name(), buffers, Map.of(at, extents)));
        }

        @Override
        public Lowering lower(Operands in) {
            return new Compose((g, inputs) -> {
                var operands = new ArrayList<Operand>(inputs);
                operands.set(at, g.apply(shape(), inputs.get(at)));
                return g.applyAll(op, operands);
            });
        }
    }

    private static Dimension measured(int entry) {
        return Extents.measured("size", entry);
    }

    /// Doubles all elements while the largest is below a limit, and counts how often.
    private record Doubling(float limit) implements CustomOp {
        @Override
        public List<TensorType> infer(Operands in) {
            return List.of(in.type(0), TensorType.of(DType.INT32));
        }

        @Override
        public Lowering lower(Operands in) {
            var x = in.buffer(0);
            var domain = Stage.indices("o", x.type().shape().dimensions());
            var current = Buffer.of("x", x.type());
            var next = Buffer.of("next", x.type());
            var goesOn = Buffer.of("goesOn", TensorType.of(DType.BOOL));
            var mayGoOn = Buffer.of("mayGoOn", TensorType.of(DType.BOOL));
            var count = Buffer.of("count", TensorType.of(DType.INT32));
            var more = Buffer.of("more", TensorType.of(DType.INT32));
            var states =
                    List.of(
                            new Recurrence.State(
                                    current, domain, new Load(x, List.copyOf(domain)), next),
                            new Recurrence.State(goesOn, List.of(), isBelow(x), mayGoOn),
                            new Recurrence.State(count, List.of(), Expr.of(0), more));
            var body =
                    List.of(
                            Stage.each(
                                    next,
                                    o -> {
                                        Expr old = new Load(current, List.copyOf(o));
                                        return old.plus(old);
                                    }),
                            Stage.each(mayGoOn, _ -> isBelow(next)),
                            Stage.each(more, _ -> new Load(count, List.of()).plus(1)));
            var step = new Index("t", Dimension.of(Integer.MAX_VALUE));
            var recurrence = new Recurrence(step, states, body, List.of(), goesOn);
            return new Measured(List.of(recurrence), List.of(current, count));
        }

        private Expr isBelow(Buffer x) {
            var all = Stage.indices("i", x.type().shape().dimensions());
            return new Reduce(Reduce.Operator.MAX, all, new Load(x, List.copyOf(all)))
                    .less(Expr.of(DType.FLOAT32, limit));
        }
    }

    private static Stream<OperatorCase> doubled() {
        return OperatorContract.of(new Doubling(100))
                .inputs("six steps", vector(3, 1))
                .inputs("none", vector(100, 7))
                .inputs("one of many", random(DType.FLOAT32, 40, 50, 900).symbol(0, "N"))
                .oracles(in -> {
                    var x = Objects.requireNonNull(in.getFirst());
                    double most = Double.NEGATIVE_INFINITY;
                    for (int i = 0; i < x.size(); i++) most = Math.max(most, x.flatAt(i));
                    int steps = 0;
                    while (most * (1 << steps) < 100) steps++;
                    int times = 1 << steps;
                    int count = steps;
                    return List.of(
                            Grid.each(x.dtype(), x.shape(), o -> x.at(o) * times),
                            Grid.each(DType.INT32, new int[0], _ -> count));
                });
    }

    private static Stream<OperatorCase> powers() {
        return OperatorContract.of(new ByData(new Powers(), 1, List.of(measured(0))))
                .inputs("five rows", f32(7).symbol(0, "N"), bounds(5))
                .inputs("none", f32(7), bounds(0))
                .oracle(in -> {
                    int[] shape = {(int) in.get(1).flatAt(0), in.get(0).size()};
                    return Grid.each(
                            DType.FLOAT32,
                            shape,
                            o -> {
                                double x = in.get(0).flatAt(o[1]);
                                for (int t = 0; t <= o[0]; t++) x = 2 * x + t;
                                return x;
                            });
                });
    }

    private static Stream<OperatorCase> extents() {
        var extents = List.of(measured(0), Dimension.of(3), measured(2));
        return OperatorContract.of(new Extents("size", extents))
                .inputs("three", bounds(5, 3, 0))
                .oracle(in -> Grid.each(DType.INT64, new int[] {3}, o -> in.get(0).flatAt(o[0])));
    }

    private static Stream<OperatorCase> counted() {
        var zero = longs(0).known();
        var one = longs(1).known();
        var contract = OperatorContract.of(new ByData(new Range(), 1, List.of(measured(0))));
        for (int count : new int[] {0, 1, 7, 1000})
            contract.inputs(count + " numbers", zero, bounds(count), one);
        return contract.oracle(in -> {
            var shape = new int[] {(int) in.get(1).flatAt(0)};
            return Grid.each(DType.INT64, shape, o -> o[0]);
        });
    }

    private static Stream<OperatorCase> spread() {
        var op = new ByData(new Expand(), 1, List.of(measured(0), Dimension.of(3), measured(2)));
        return OperatorContract.of(op)
                .inputs("both", f32(3, 1), bounds(4, 3, 5))
                .inputs("none", f32(3, 1), bounds(0, 3, 2))
                .oracle(in -> {
                    var x = in.get(0);
                    int[] shape = {(int) in.get(1).flatAt(0), 3, (int) in.get(1).flatAt(2)};
                    return Grid.each(x.dtype(), shape, o -> x.at(o[1], 0));
                });
    }

    private static Stream<OperatorCase> repeated() {
        var op = new ByData(new Tile(), 1, List.of(measured(0), Dimension.of(1), measured(2)));
        return OperatorContract.of(op)
                .inputs("rows", f32(2, 3, 5).symbol(0, "N"), bounds(4, 1, 1))
                .inputs("both", f32(2, 3, 5).symbol(2, "N"), bounds(2, 1, 3))
                .oracle(in -> {
                    var x = in.get(0);
                    int[] shape = x.shape();
                    for (int d = 0; d < 3; d++) shape[d] *= (int) in.get(1).flatAt(d);
                    return Grid.each(
                            x.dtype(),
                            shape,
                            o -> {
                                var at = o.clone();
                                for (int d = 0; d < 3; d++) at[d] %= x.extent(d);
                                return x.at(at);
                            });
                });
    }

    private static Stream<OperatorCase> folded() {
        var op = new ByData(new Reshape(), 1, List.of(measured(0), Dimension.of(2), measured(2)));
        return OperatorContract.of(op)
                .inputs("12", f32(3, 4), bounds(3, 2, 2))
                .inputs("one row", f32(3, 4), bounds(1, 2, 6))
                .inputs("nothing", f32(3, 0), bounds(0, 2, 9))
                .oracle(in -> {
                    int[] flat = {0};
                    int[] shape = {(int) in.get(1).flatAt(0), 2, (int) in.get(1).flatAt(2)};
                    return Grid.each(DType.FLOAT32, shape, _ -> in.get(0).flatAt(flat[0]++));
                });
    }

    private static Stream<OperatorCase> padded() {
        return Stream.of(Pad.Mode.values())
                .flatMap(mode -> {
                    var extents = List.of(Dimension.of(2), measured(1));
                    return OperatorContract.of(new ByData(new Pad(mode), 4, extents))
                            .inputs(
                                    "before and behind",
                                    f32(2, 5),
                                    bounds(0, 3, 0, 4),
                                    ABSENT,
                                    ABSENT,
                                    bounds(2, 12))
                            .inputs(
                                    "cut",
                                    f32(2, 5),
                                    bounds(-1, 2),
                                    ABSENT,
                                    vector64(1),
                                    bounds(2, 6))
                            .oracles(in -> List.of(padded(in, mode)));
                });
    }

    private static Given vector64(long value) {
        return longs(value).known();
    }

    private static Grid padded(List<@Nullable Grid> in, Pad.Mode mode) {
        var x = Objects.requireNonNull(in.getFirst());
        var pads = Objects.requireNonNull(in.get(1));
        int begin = (int) pads.flatAt(pads.size() == 4 ? 1 : 0);
        int[] shape = {2, (int) Objects.requireNonNull(in.get(4)).flatAt(1)};
        int n = x.extent(1);
        return Grid.each(
                x.dtype(),
                shape,
                o -> {
                    int place = o[1] - begin;
                    boolean isOutside = place < 0 || place >= n;
                    return switch (mode) {
                        case CONSTANT -> isOutside ? 0 : x.at(o[0], place);
                        case EDGE -> x.at(o[0], Math.clamp(place, 0, n - 1));
                        case WRAP -> x.at(o[0], (place + 10 * n) % n);
                        case REFLECT -> {
                            int at = place;
                            while (at < 0 || at >= n) at = at < 0 ? -at : 2 * (n - 1) - at;
                            yield x.at(o[0], at);
                        }
                    };
                });
    }

    private static Given longs(long value) {
        return Given.of(Tensor.of(new long[] {value}, 1));
    }

    private static Given scores(float... scores) {
        return Given.of(Tensor.of(scores, 1, 1, scores.length));
    }

    private static Given flat() {
        return Given.of(Tensor.of(new float[] {0, 0, 2, 2, 2, 2, 0, 1, 0, 0, 0, 2}, 1, 3, 4));
    }

    /// Greedily, box by box: of those that are left, the first with the greatest score is taken,
    /// and those that overlap it go.
    private static Grid suppressed(List<@Nullable Grid> in, boolean center) {
        var boxes = Objects.requireNonNull(in.get(0));
        var scores = Objects.requireNonNull(in.get(1));
        double most = number(in, 2, 0);
        double iou = number(in, 3, 0);
        double least = number(in, 4, Double.NEGATIVE_INFINITY);
        int n = scores.extent(2);
        var rows = new ArrayList<int[]>();
        for (int batch = 0; batch < scores.extent(0); batch++) {
            for (int c = 0; c < scores.extent(1); c++) {
                int b = batch;
                int row = c;
                var left = new ArrayList<Integer>();
                IntStream.range(0, n).filter(i -> scores.at(b, row, i) > least).forEach(left::add);
                for (int taken = 0; taken < most && !left.isEmpty(); taken++) {
                    int best = left.getFirst();
                    for (int i : left) if (scores.at(b, row, i) > scores.at(b, row, best)) best = i;
                    int box = best;
                    rows.add(new int[] {b, row, box});
                    left.removeIf(i -> i == box || overlap(boxes, b, i, box, center) > iou);
                }
            }
        }
        return Grid.each(DType.INT64, new int[] {rows.size(), 3}, o -> rows.get(o[0])[o[1]]);
    }

    private static double number(List<@Nullable Grid> in, int i, double otherwise) {
        var grid = i < in.size() ? in.get(i) : null;
        return grid == null ? otherwise : grid.flatAt(0);
    }

    private static double overlap(Grid boxes, int batch, int i, int k, boolean center) {
        double both = 1;
        double first = 1;
        double second = 1;
        for (int axis = 0; axis < 2; axis++) {
            double[] a = side(boxes, batch, i, axis, center);
            double[] b = side(boxes, batch, k, axis, center);
            both *= Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]));
            first *= a[1] - a[0];
            second *= b[1] - b[0];
        }
        return both == 0 ? 0 : both / (first + second - both);
    }

    private static double[] side(Grid boxes, int batch, int box, int axis, boolean center) {
        double a = boxes.at(batch, box, axis);
        double b = boxes.at(batch, box, axis + 2);
        return center
                ? new double[] {a - b / 2, a + b / 2}
                : new double[] {Math.min(a, b), Math.max(a, b)};
    }
}
