package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.longs;
import static io.webdnn.verify.operator.Given.random;

import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.CumProd;
import io.webdnn.graph.op.Einsum;
import io.webdnn.graph.op.GridSample;
import io.webdnn.graph.op.Window;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Sampling at places that are data, products whose axes have letters, running products, and
/// convolutions of integers.
final class SamplingCases {
    private SamplingCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(samples(), products(), runningProducts(), integers()).flatMap(s -> s);
    }

    private static Stream<OperatorCase> samples() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        // Far outside, at the edges, between elements; no place near a border of its neighbours,
        // where float32 and the oracle's double may take different ones.
        var places = new float[2 * 3 * 5 * 2];
        for (int i = 0; i < places.length; i++) places[i] = (i * 37 % 101) / 25f - 1.983f;
        var grid = Given.of(Tensor.of(places, 2, 3, 5, 2));
        var volume = new float[7 * 3];
        for (int i = 0; i < volume.length; i++) volume[i] = (i * 29 % 53) / 20f - 1.291f;
        for (var mode : GridSample.Mode.values()) {
            for (var padding : GridSample.Padding.values()) {
                for (boolean aligned : new boolean[] {true, false}) {
                    cases.add(
                            OperatorContract.of(new GridSample(mode, padding, aligned))
                                    .inputs("2-D", f32(2, 2, 4, 7).symbol(3, "W"), grid)
                                    .inputs("one element wide", f32(2, 1, 5, 1), grid)
                                    .inputs(
                                            "3-D",
                                            f32(1, 2, 3, 4, 5),
                                            Given.of(Tensor.of(volume, 1, 7, 1, 1, 3)))
                                    .oracle(in -> sample(in, mode, padding, aligned)));
                }
            }
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Grid sample(
            List<Grid> in, GridSample.Mode mode, GridSample.Padding padding, boolean aligned) {
        var x = in.get(0);
        var grid = in.get(1);
        int spatial = x.rank() - 2;
        var shape = x.shape();
        for (int d = 0; d < spatial; d++) shape[d + 2] = grid.extent(d + 1);
        return Grid.each(
                x.dtype(),
                shape,
                o -> {
                    var place = new double[spatial];
                    for (int d = 0; d < spatial; d++) {
                        var at = new int[x.rank()];
                        at[0] = o[0];
                        System.arraycopy(o, 2, at, 1, spatial);
                        at[spatial + 1] = spatial - 1 - d;
                        double g = grid.at(at);
                        int n = x.extent(d + 2);
                        double p = aligned ? (g + 1) / 2 * (n - 1) : ((g + 1) * n - 1) / 2;
                        if (mode == GridSample.Mode.NEAREST) p = Math.rint(p);
                        place[d] = padded(p, n, padding, aligned);
                    }
                    return interpolated(x, o, place, 0, new int[spatial], mode, padding, aligned);
                });
    }

    private static double padded(double p, int n, GridSample.Padding padding, boolean aligned) {
        return switch (padding) {
            case ZEROS -> p;
            case BORDER -> Math.max(0, Math.min(n - 1, p));
            case REFLECTION -> {
                double low = aligned ? 0 : -0.5;
                double high = aligned ? n - 1 : n - 0.5;
                if (low == high) yield low;
                double q = p;
                while (q < low || q > high) q = q < low ? 2 * low - q : 2 * high - q;
                yield q;
            }
        };
    }

    private static double interpolated(
            Grid x,
            int[] o,
            double[] place,
            int d,
            int[] at,
            GridSample.Mode mode,
            GridSample.Padding padding,
            boolean aligned) {
        if (d == place.length) {
            var index = o.clone();
            for (int e = 0; e < d; e++) {
                int n = x.extent(e + 2);
                if (padding == GridSample.Padding.ZEROS && (at[e] < 0 || at[e] >= n)) return 0;
                index[e + 2] = (int) Math.rint(padded(at[e], n, padding, aligned));
            }
            return x.at(index);
        }
        int floor = (int) Math.floor(place[d]);
        double sum = 0;
        double a = -0.75;
        for (int t = -1; t <= 2; t++) {
            double distance = Math.abs(place[d] - floor - t);
            double weight =
                    switch (mode) {
                        case NEAREST -> Math.rint(place[d]) == floor + t ? 1 : 0;
                        case LINEAR -> Math.max(0, 1 - distance);
                        case CUBIC ->
                                distance <= 1
                                        ? (a + 2) * Math.pow(distance, 3)
                                                - (a + 3) * distance * distance
                                                + 1
                                        : a * Math.pow(distance, 3)
                                                - 5 * a * distance * distance
                                                + 8 * a * distance
                                                - 4 * a;
                    };
            if (weight == 0) continue;
            at[d] = floor + t;
            sum += weight * interpolated(x, o, place, d + 1, at, mode, padding, aligned);
        }
        return sum;
    }

    private static Stream<OperatorCase> products() {
        return Stream.of(
                        product("ij,jk->ik", "ij,jk->ik", f32(3, 5).symbol(0, "N"), f32(5, 2)),
                        product("bij , bkj", "bij,bkj->ik", f32(2, 3, 5), f32(2, 4, 5)),
                        product("ii->i", "ii->i", i32(5, 5)),
                        product("ii", "ii->", f32(7, 7)),
                        product("ba", "ba->ab", f32(2, 3)),
                        product("ij,ij,j->", "ij,ij,j->", f32(2, 3), f32(2, 3), f32(3)),
                        product("...ij,...j->...i", "yzij,zj->yzi", f32(2, 3, 4, 5), f32(3, 5)),
                        product("i...,->...", "iyz,->yz", f32(4, 2, 3), f32()),
                        product("ij,kj->ik", "ij,kj->ik", f32(3, 1), f32(2, 4)))
                .flatMap(s -> s);
    }

    /// @param plain the equation with letters for the dots, by which the oracle goes
    private static Stream<OperatorCase> product(String equation, String plain, Given... inputs) {
        return OperatorContract.of(new Einsum(equation))
                .inputs("" + inputs.length, inputs)
                .oracle(in -> {
                    var sides = plain.split("->", -1);
                    var terms = sides[0].split(",", -1);
                    var extents = new HashMap<Character, Integer>();
                    for (int i = 0; i < terms.length; i++)
                        for (int d = 0; d < terms[i].length(); d++)
                            extents.merge(terms[i].charAt(d), in.get(i).extent(d), Math::max);
                    var summed = new ArrayList<Character>();
                    for (char letter : extents.keySet())
                        if (sides[1].indexOf(letter) < 0) summed.add(letter);
                    var shape = sides[1].chars().map(c -> extents.get((char) c)).toArray();
                    return Grid.each(
                            in.get(0).dtype(),
                            shape,
                            o -> {
                                var at = new HashMap<Character, Integer>();
                                for (int d = 0; d < o.length; d++) at.put(sides[1].charAt(d), o[d]);
                                return sum(in, terms, extents, summed, 0, at);
                            });
                });
    }

    private static double sum(
            List<Grid> in,
            String[] terms,
            Map<Character, Integer> extents,
            List<Character> summed,
            int next,
            Map<Character, Integer> at) {
        if (next < summed.size()) {
            double sum = 0;
            for (int i = 0; i < extents.getOrDefault(summed.get(next), 0); i++) {
                at.put(summed.get(next), i);
                sum += sum(in, terms, extents, summed, next + 1, at);
            }
            return sum;
        }
        double product = 1;
        for (int i = 0; i < terms.length; i++) {
            var index = new int[terms[i].length()];
            for (int d = 0; d < index.length; d++)
                index[d] = in.get(i).extent(d) == 1 ? 0 : at.getOrDefault(terms[i].charAt(d), 0);
            product *= in.get(i).at(index);
        }
        return product;
    }

    private static Stream<OperatorCase> runningProducts() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean exclusive : new boolean[] {true, false}) {
            for (boolean reverse : new boolean[] {true, false}) {
                cases.add(
                        OperatorContract.of(new CumProd(exclusive, reverse))
                                .inputs("rows", f32(2, 7).symbol(0, "N"), longs(1))
                                .inputs("a symbol", f32(5, 3).symbol(0, "T"), longs(-2))
                                .inputs("int", random(DType.INT32, -3, 4, 5), longs(0))
                                .inputs("one", f32(1, 3), longs(0))
                                .oracle(in -> {
                                    var x = in.get(0);
                                    int along = Math.floorMod((int) in.get(1).flatAt(0), x.rank());
                                    return Grid.each(
                                            x.dtype(),
                                            x.shape(),
                                            o -> {
                                                double product = 1;
                                                var at = o.clone();
                                                for (int j = 0; j < x.extent(along); j++) {
                                                    int ahead =
                                                            reverse ? j - o[along] : o[along] - j;
                                                    if (ahead < (exclusive ? 1 : 0)) continue;
                                                    at[along] = j;
                                                    product *= x.at(at);
                                                }
                                                return product;
                                            });
                                }));
            }
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Stream<OperatorCase> integers() {
        var window = new Window(2, 1, 1, 0);
        return OperatorContract.of(new Conv(List.of(window, window), 2))
                .inputs("groups", i32(2, 4, 5, 7).symbol(0, "N"), i32(6, 2, 3, 2), i32(6))
                .inputs("no bias", i32(1, 2, 4, 4), i32(2, 1, 3, 3))
                .oracle(in -> {
                    var x = in.get(0);
                    var w = in.get(1);
                    int perGroup = w.extent(0) / 2;
                    var shape =
                            new int[] {
                                x.extent(0),
                                w.extent(0),
                                (x.extent(2) + 1 - w.extent(2)) / 2 + 1,
                                (x.extent(3) + 1 - w.extent(3)) / 2 + 1
                            };
                    return Grid.each(
                            x.dtype(),
                            shape,
                            o -> {
                                double sum = in.size() > 2 ? in.get(2).at(o[1]) : 0;
                                for (int c = 0; c < w.extent(1); c++)
                                    for (int i = 0; i < w.extent(2); i++)
                                        for (int j = 0; j < w.extent(3); j++)
                                            sum +=
                                                    w.at(o[1], c, i, j)
                                                            * x.atOr(
                                                                    0,
                                                                    o[0],
                                                                    o[1] / perGroup * w.extent(1)
                                                                            + c,
                                                                    2 * o[2] + i - 1,
                                                                    2 * o[3] + j - 1);
                                return sum;
                            });
                });
    }
}
