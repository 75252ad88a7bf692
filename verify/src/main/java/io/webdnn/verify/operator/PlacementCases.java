package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.bool;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.indices;
import static io.webdnn.verify.operator.Given.longs;
import static io.webdnn.verify.operator.Given.random;
import static io.webdnn.verify.operator.Given.vector;

import io.webdnn.graph.expr.Push;
import io.webdnn.graph.op.*;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Operators that put elements elsewhere: triangles, tiles, blocks, reversed and sorted rows,
/// slices at positions of several axes.
final class PlacementCases {
    private PlacementCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(
                        triangles(),
                        tiles(),
                        blocks(),
                        reversed(),
                        gathers(),
                        scatters(),
                        largest())
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> triangles() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean upper : new boolean[] {true, false}) {
            cases.add(
                    OperatorContract.of(new Trilu(upper))
                            .inputs("k = 0", f32(3, 5).symbol(0, "N").symbol(1, "M"))
                            .inputs("a given k", f32(2, 7, 5), whole(1))
                            .inputs("a known k below", f32(5, 3).symbol(1, "M"), longs(-2))
                            .inputs("a k beyond", f32(4, 4), whole(9))
                            .inputs("a known k far beyond", f32(4, 4), longs(Long.MIN_VALUE))
                            .inputs("int", i32(1, 3, 3), whole(-1))
                            .inputs("bool", bool(3, 4), whole(1))
                            .inputs("no rows", f32(0, 4))
                            .oracle(in -> {
                                double k = in.size() > 1 ? in.get(1).flatAt(0) : 0;
                                var x = in.get(0);
                                return Grid.each(
                                        x.dtype(),
                                        x.shape(),
                                        o -> {
                                            int diagonal = o[x.rank() - 1] - o[x.rank() - 2];
                                            boolean keeps = upper ? diagonal >= k : diagonal <= k;
                                            return keeps ? x.at(o) : 0;
                                        });
                            }));
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Given whole(long value) {
        return Given.of(Tensor.of(new long[] {value}));
    }

    private static Stream<OperatorCase> tiles() {
        return OperatorContract.of(new Tile())
                .inputs("2-D", f32(2, 3).symbol(0, "N"), longs(3, 2))
                .inputs("one axis of three", f32(3, 1, 5), longs(1, 4, 1))
                .inputs("nothing", f32(2, 3), longs(2, 0))
                .inputs("scalar", f32(), longs())
                .inputs("bool", bool(7), longs(3))
                .oracle(in -> {
                    var x = in.get(0);
                    var shape = x.shape();
                    for (int d = 0; d < shape.length; d++) shape[d] *= (int) in.get(1).flatAt(d);
                    return Grid.each(
                            x.dtype(),
                            shape,
                            o ->
                                    x.at(
                                            IntStream.range(0, o.length)
                                                    .map(d -> o[d] % x.extent(d))
                                                    .toArray()));
                });
    }

    /// By numpy's way: reshape to blocks, transpose, reshape.
    private static Stream<OperatorCase> blocks() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean columnsFirst : new boolean[] {true, false}) {
            cases.add(
                    OperatorContract.of(new DepthToSpace(2, columnsFirst))
                            .inputs("12 channels", f32(1, 12, 3, 5).symbol(0, "N").symbol(2, "H"))
                            .inputs("4 channels", f32(2, 4, 1, 2))
                            .oracle(in -> {
                                var x = in.get(0);
                                int channels = x.extent(1) / 4;
                                var y =
                                        Grid.zeros(
                                                x.dtype(),
                                                x.extent(0),
                                                channels,
                                                x.extent(2) * 2,
                                                x.extent(3) * 2);
                                x.forEach(i -> {
                                    int place = columnsFirst ? i[1] % 4 : i[1] / channels;
                                    int channel = columnsFirst ? i[1] / 4 : i[1] % channels;
                                    int row = 2 * i[2] + place / 2;
                                    y.set(x.at(i), i[0], channel, row, 2 * i[3] + place % 2);
                                });
                                return y;
                            }));
        }
        cases.add(
                OperatorContract.of(new SpaceToDepth(3))
                        .inputs("two channels", f32(2, 2, 6, 3).symbol(0, "N"))
                        .inputs("one block", f32(1, 1, 3, 3))
                        .oracle(in -> {
                            var x = in.get(0);
                            var y =
                                    Grid.zeros(
                                            x.dtype(),
                                            x.extent(0),
                                            x.extent(1) * 9,
                                            x.extent(2) / 3,
                                            x.extent(3) / 3);
                            x.forEach(i -> {
                                int place = i[2] % 3 * 3 + i[3] % 3;
                                int channel = place * x.extent(1) + i[1];
                                y.set(x.at(i), i[0], channel, i[2] / 3, i[3] / 3);
                            });
                            return y;
                        }));
        return cases.stream().flatMap(s -> s);
    }

    private static Stream<OperatorCase> reversed() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (int batch = 0; batch < 2; batch++) {
            int b = batch;
            cases.add(
                    OperatorContract.of(new ReverseSequence(b, 1 - b))
                            .inputs(
                                    "lengths 0 to all",
                                    f32(4, 4, 3).symbol(2, "C"),
                                    indices(new int[] {4}, 0, 1, 4, 3))
                            .inputs("int", i32(3, 3), indices(new int[] {3}, 2, 3, 2))
                            .oracle(in -> {
                                var x = in.get(0);
                                return Grid.each(
                                        x.dtype(),
                                        x.shape(),
                                        o -> {
                                            int length = (int) in.get(1).flatAt(o[b]);
                                            var at = o.clone();
                                            int time = o[1 - b];
                                            if (time < length) at[1 - b] = length - 1 - time;
                                            return x.at(at);
                                        });
                            }));
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Stream<OperatorCase> gathers() {
        return Stream.of(
                        gather(0, f32(3, 5, 2), indices(new int[] {4, 1}, 0, 2, -1, -3)),
                        gather(
                                0,
                                f32(3, 5).symbol(0, "N"),
                                indices(new int[] {3, 2}, 0, 4, -1, -5, 2, 3)),
                        gather(0, f32(3, 5, 7), indices(new int[] {2}, 1, -2)),
                        gather(1, f32(2, 3, 4), indices(new int[] {2, 3, 1}, 0, 1, 2, -1, 0, 0)),
                        gather(2, i32(2, 1, 4), indices(new int[] {2, 1, 1}, 3, -4)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> gather(int batch, Given data, Given which) {
        return OperatorContract.of(new GatherND(batch))
                .inputs("data of " + data.declaredDtype(), data, which)
                .oracle(in -> {
                    var x = in.get(0);
                    var i = in.get(1);
                    int points = i.rank() - 1;
                    int count = i.extent(points);
                    var shape = new ArrayList<Integer>();
                    for (int d = 0; d < points; d++) shape.add(i.extent(d));
                    for (int d = batch + count; d < x.rank(); d++) shape.add(x.extent(d));
                    return Grid.each(
                            x.dtype(),
                            shape.stream().mapToInt(n -> n).toArray(),
                            o -> {
                                var at = new int[x.rank()];
                                System.arraycopy(o, 0, at, 0, batch);
                                for (int k = 0; k < count; k++) {
                                    var own = java.util.Arrays.copyOf(o, points + 1);
                                    own[points] = k;
                                    at[batch + k] =
                                            Math.floorMod((int) i.at(own), x.extent(batch + k));
                                }
                                int rest = x.rank() - batch - count;
                                System.arraycopy(o, points, at, batch + count, rest);
                                return x.at(at);
                            });
                });
    }

    private static Stream<OperatorCase> scatters() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (var combine : Push.Combine.values()) {
            cases.add(
                    OperatorContract.of(new ScatterND(combine))
                            .inputs(
                                    "rows, one twice",
                                    f32(4, 3),
                                    indices(new int[] {3, 1}, 1, -1, 1),
                                    f32(3, 3))
                            .inputs(
                                    "elements",
                                    f32(3, 5),
                                    indices(new int[] {2, 2, 2}, 0, 0, 2, 4, -1, -1, 0, 0),
                                    f32(2, 2))
                            .inputs("no updates", f32(2, 3), indices(new int[] {0, 2}), f32(0))
                            .oracle(in -> scatter(in, combine)));
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Grid scatter(List<Grid> in, Push.Combine combine) {
        var y = in.get(0).as(in.get(0).dtype());
        var i = in.get(1);
        int points = i.rank() - 1;
        int count = i.extent(points);
        in.get(2)
                .forEach(u -> {
                    var at = new int[y.rank()];
                    for (int k = 0; k < count; k++) {
                        var own = java.util.Arrays.copyOf(u, points + 1);
                        own[points] = k;
                        at[k] = Math.floorMod((int) i.at(own), y.extent(k));
                    }
                    System.arraycopy(u, points, at, count, y.rank() - count);
                    double old = y.at(at);
                    double update = in.get(2).at(u);
                    y.set(
                            switch (combine) {
                                case REPLACE -> update;
                                case ADD -> old + update;
                                case MULTIPLY -> old * update;
                                case MIN -> Math.min(old, update);
                                case MAX -> Math.max(old, update);
                            },
                            at);
                });
        return y;
    }

    private static Stream<OperatorCase> largest() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean largest : new boolean[] {true, false}) {
            for (int axis : new int[] {0, -1}) {
                cases.add(
                        OperatorContract.of(new TopK(axis, largest))
                                .inputs("3 of 7", f32(7, 7), longs(3))
                                .inputs(
                                        "all of 5, ties",
                                        i32(5, 5).symbol(axis == 0 ? 1 : 0, "N"),
                                        longs(5))
                                .inputs("none", f32(3), longs(0))
                                .inputs("5 of 65", f32(65, 2), longs(axis == 0 ? 5 : 2))
                                .inputs("1 of 130", f32(130), longs(1))
                                .inputs("64 of 100", f32(100), longs(64))
                                .inputs(
                                        "70 of 2 × 257, ties",
                                        i32(2, 257),
                                        longs(axis == 0 ? 1 : 70))
                                .inputs("all of 99, ties", random(DType.INT32, 0, 9, 99), longs(99))
                                .inputs("none of 99", f32(99), longs(0))
                                .inputs(
                                        "NaN, ±0 and ±∞",
                                        vector(
                                                0,
                                                Float.NaN,
                                                Float.POSITIVE_INFINITY,
                                                -0f,
                                                Float.NEGATIVE_INFINITY,
                                                Float.NaN,
                                                1),
                                        longs(7))
                                .oracles(in -> sorted(in.getFirst(), in.get(1), axis, largest)));
            }
        }
        return cases.stream().flatMap(s -> s);
    }

    static List<Grid> sorted(
            @org.jspecify.annotations.Nullable Grid x,
            @org.jspecify.annotations.Nullable Grid k,
            int axis,
            boolean largest) {
        if (x == null || k == null) throw new IllegalArgumentException("an input is absent");
        int along = Math.floorMod(axis, x.rank());
        var shape = x.shape();
        shape[along] = (int) k.flatAt(0);
        var places =
                Grid.each(
                        DType.INT64,
                        shape,
                        o -> {
                            Comparator<Integer> order =
                                    Comparator.comparingDouble(i -> value(x, o, along, i));
                            if (largest) order = order.reversed();
                            return IntStream.range(0, x.extent(along))
                                    .boxed()
                                    .sorted(order) // stable
                                    .toList()
                                    .get(o[along]);
                        });
        return List.of(
                Grid.each(x.dtype(), shape, o -> value(x, o, along, (int) places.at(o))), places);
    }

    /// Adding 0 makes −0 equal to 0, which Comparator would tell apart.
    private static double value(Grid x, int[] o, int along, int i) {
        var at = o.clone();
        at[along] = i;
        return x.at(at) + 0.0;
    }
}
