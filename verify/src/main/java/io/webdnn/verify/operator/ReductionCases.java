package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.bool;
import static io.webdnn.verify.operator.Given.f16;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.longs;
import static io.webdnn.verify.operator.Given.vector;

import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.ArgMin;
import io.webdnn.graph.op.CumSum;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceMin;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Softmax;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// Operators that go over axes: reductions, positions of extremes, softmax, running sums.
final class ReductionCases {
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    private ReductionCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(reductions(), extremes(), softmaxes(), runningSums()).flatMap(s -> s);
    }

    private static Stream<OperatorCase> reductions() {
        ToDoubleFunction<double[]> sum = e -> Arrays.stream(e).sum();
        ToDoubleFunction<double[]> mean = e -> Arrays.stream(e).sum() / e.length;
        ToDoubleFunction<double[]> product = e -> Arrays.stream(e).reduce(1, (a, b) -> a * b);
        ToDoubleFunction<double[]> max =
                e -> Arrays.stream(e).reduce(Double.NEGATIVE_INFINITY, Math::max);
        ToDoubleFunction<double[]> min =
                e -> Arrays.stream(e).reduce(Double.POSITIVE_INFINITY, Math::min);
        var integers =
                OperatorContract.of(new ReduceMean(false))
                        .inputs("int truncates", Given.of(Tensor.of(new int[] {-3, -4, 0}, 3)));
        var any = OperatorContract.of(new ReduceMax(false)).inputs("any", bool(4, 5), longs(1));
        var all = OperatorContract.of(new ReduceMin(false)).inputs("all", bool(9, 2), longs(1));
        var noop =
                OperatorContract.of(new ReduceSum(true, true))
                        .inputs("empty axes mean none", f32(3, 4), longs())
                        .inputs("absent axes mean none", f32(3, 4))
                        .inputs("an axis", f32(3, 4), longs(0));
        return Stream.of(
                        reduction(new ReduceSum(true), true, sum),
                        reduction(new ReduceSum(false), false, sum),
                        reduction(new ReduceMean(false), false, mean),
                        reduction(new ReduceMean(true), true, mean),
                        reduction(new ReduceProd(false), false, product),
                        reduction(new ReduceMax(true), true, max),
                        reduction(new ReduceMin(false), false, min),
                        reduced(integers, false, false, mean),
                        reduced(any, false, false, max),
                        reduced(all, false, false, min),
                        reduced(noop, true, true, sum),
                        reduced(halves(new ReduceSum(false)), false, false, sum),
                        reduced(halves(new ReduceMean(false)), false, false, mean))
                .flatMap(s -> s);
    }

    /// Beyond 2048, where a float16 stays what it is if 1 is added.
    private static OperatorContract halves(Op op) {
        return OperatorContract.of(op)
                .inputs(
                        "4096 ones of float16",
                        Given.filled(DType.FLOAT16, 1, 2, 4096).symbol(0, "N"),
                        longs(1));
    }

    private static Stream<OperatorCase> reduction(
            Op op, boolean keepdims, ToDoubleFunction<double[]> f) {
        var contract =
                OperatorContract.of(op)
                        .inputs("all axes", f32(3, 5))
                        .inputs("all axes by an empty list", f32(3, 5), longs())
                        .inputs("last axis", f32(4, 7).symbol(0, "N"), longs(-1))
                        .inputs("first axis", f32(4, 7).symbol(0, "N"), longs(0))
                        .inputs("middle axes, in any order", f32(2, 3, 4, 5), longs(2, 1))
                        .inputs("outer axes", f32(3, 4, 9), longs(0, -1))
                        .inputs("rows of 131", f32(3, 131).symbol(0, "N"), longs(1))
                        .inputs("columns of 67", f32(67, 19), longs(0))
                        .inputs("planes of 8 × 8", f32(2, 5, 8, 8), longs(2, 3))
                        .inputs("scalar", f32())
                        .inputs("over nothing", f32(2, 0, 3), longs(1))
                        .inputs("nothing", f32(0, 3), longs(1))
                        .inputs("NaN and ∞", vector(1, Float.NaN, INFINITY))
                        .inputs("∞", vector(INFINITY, 1, 2))
                        .inputs("NaN among many", vector(1, 2, 3, 4, 5, Float.NaN, 7, 8, 9, 10))
                        .inputs("float16", f16(3, 17), longs(1));
        return reduced(contract, keepdims, false, f);
    }

    private static Stream<OperatorCase> reduced(
            OperatorContract contract,
            boolean keepdims,
            boolean noop,
            ToDoubleFunction<double[]> f) {
        return contract.oracle(in -> {
            var x = in.get(0);
            var axes = new TreeSet<Integer>();
            if (in.size() > 1) {
                for (int i = 0; i < in.get(1).size(); i++)
                    axes.add(Math.floorMod((int) in.get(1).flatAt(i), x.rank()));
            }
            if (axes.isEmpty() && !noop) for (int d = 0; d < x.rank(); d++) axes.add(d);
            return reduce(x, axes, keepdims, f);
        });
    }

    private static Grid reduce(
            Grid x, Set<Integer> axes, boolean keepdims, ToDoubleFunction<double[]> f) {
        var groups = new HashMap<String, List<Double>>();
        x.forEach(i -> {
            var key = Arrays.toString(kept(i, axes, keepdims, 0));
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(x.at(i));
        });
        return Grid.each(
                x.dtype(),
                kept(x.shape(), axes, keepdims, 1),
                o -> {
                    var group = groups.getOrDefault(Arrays.toString(o), List.of());
                    return f.applyAsDouble(group.stream().mapToDouble(v -> v).toArray());
                });
    }

    private static int[] kept(int[] of, Set<Integer> axes, boolean keepdims, int instead) {
        var kept = new ArrayList<Integer>();
        for (int d = 0; d < of.length; d++) {
            if (!axes.contains(d)) kept.add(of[d]);
            else if (keepdims) kept.add(instead);
        }
        return kept.stream().mapToInt(i -> i).toArray();
    }

    private static Stream<OperatorCase> extremes() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean largest : new boolean[] {true, false}) {
            for (boolean last : new boolean[] {true, false}) {
                cases.add(extreme(largest, 0, true, last));
                cases.add(extreme(largest, -1, false, last));
            }
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Stream<OperatorCase> extreme(
            boolean largest, int axis, boolean keepdims, boolean last) {
        var op = largest ? new ArgMax(axis, keepdims, last) : new ArgMin(axis, keepdims, last);
        float end = largest ? -INFINITY : INFINITY;
        return OperatorContract.of(op)
                .inputs("5 × 7", f32(5, 7).symbol(0, "N"))
                .inputs("ties", i32(9, 9))
                .inputs("all at the end of the range", vector(end, end, end))
                .inputs("NaN", vector(1, Float.NaN, 3, Float.NaN, 0))
                .inputs("one", f32(1))
                .oracle(in -> {
                    var x = in.get(0);
                    int along = Math.floorMod(axis, x.rank());
                    var axes = new TreeSet<>(List.of(along));
                    var position = reduce(x, axes, keepdims, e -> extreme(e, largest, last));
                    return position.as(DType.INT64);
                });
    }

    private static double extreme(double[] e, boolean largest, boolean last) {
        int best = 0;
        for (int i = 1; i < e.length; i++) {
            double x = largest ? e[i] : -e[i];
            double y = largest ? e[best] : -e[best];
            boolean better = x > y || Double.isNaN(x) && !Double.isNaN(y);
            boolean equal = x == y || Double.isNaN(x) && Double.isNaN(y);
            if (better || last && equal) best = i;
        }
        return best;
    }

    private static Stream<OperatorCase> softmaxes() {
        return Stream.of(
                        softmax(new Softmax(-1), -1, false),
                        softmax(new Softmax(0), 0, false),
                        softmax(new LogSoftmax(-1), -1, true),
                        softmax(new LogSoftmax(0), 0, true))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> softmax(Op op, int axis, boolean logarithm) {
        return OperatorContract.of(op)
                .inputs("2 × 10", f32(2, 10).symbol(0, "N"))
                .inputs("one", f32(1))
                .inputs("3 × 5 × 9", f32(3, 5, 9))
                .inputs("5 × 201", f32(5, 201).symbol(0, "N"))
                .inputs("large", vector(1000, 1001, 999))
                .inputs("far apart", vector(-200, 0, 200))
                .inputs("−∞", vector(-INFINITY, 0, 1))
                .inputs("nothing but −∞", vector(-INFINITY, -INFINITY))
                .inputs("NaN", vector(0, Float.NaN))
                .inputs("nothing", f32(0, 3))
                .inputs("float16", f16(3, 300))
                .oracle(in -> {
                    var x = in.get(0);
                    var axes = new TreeSet<>(List.of(Math.floorMod(axis, x.rank())));
                    var max = reduce(x, axes, true, e -> Arrays.stream(e).max().orElse(0));
                    var exponentials =
                            Grid.each(
                                    DType.FLOAT64,
                                    x.shape(),
                                    i -> Math.exp(x.at(i) - max.broadcastAt(i)));
                    var sums = reduce(exponentials, axes, true, e -> Arrays.stream(e).sum());
                    return Grid.each(
                            x.dtype(),
                            x.shape(),
                            i ->
                                    logarithm
                                            ? x.at(i)
                                                    - max.broadcastAt(i)
                                                    - Math.log(sums.broadcastAt(i))
                                            : exponentials.at(i) / sums.broadcastAt(i));
                });
    }

    private static Stream<OperatorCase> runningSums() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean exclusive : new boolean[] {false, true}) {
            for (boolean reverse : new boolean[] {false, true}) {
                var axis = Given.of(Tensor.of(new int[] {1})).known();
                cases.add(
                        OperatorContract.of(new CumSum(exclusive, reverse))
                                .inputs("1", f32(3, 1), axis)
                                .inputs("8", f32(2, 8).symbol(0, "N"), axis)
                                .inputs("9", f32(2, 9, 3).symbol(1, "T"), axis)
                                .inputs("nothing", f32(2, 0), axis)
                                .inputs("last axis, int", i32(2, 3, 13), longs(-1))
                                .inputs("float16", f16(1, 40), axis)
                                .oracle(in ->
                                        runningSum(
                                                in.get(0),
                                                Math.floorMod(
                                                        (int) in.get(1).flatAt(0),
                                                        in.get(0).rank()),
                                                exclusive,
                                                reverse)));
            }
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Grid runningSum(Grid x, int axis, boolean exclusive, boolean reverse) {
        return Grid.each(
                x.dtype(),
                x.shape(),
                o -> {
                    double sum = 0;
                    var at = o.clone();
                    for (int j = 0; j < x.extent(axis); j++) {
                        boolean before = reverse ? j > o[axis] : j < o[axis];
                        if (!before && (exclusive || j != o[axis])) continue;
                        at[axis] = j;
                        sum += x.at(at);
                    }
                    return sum;
                });
    }
}
