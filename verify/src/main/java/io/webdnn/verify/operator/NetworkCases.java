package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.f16;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.random;

import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.Dropout;
import io.webdnn.graph.op.LayerNormalization;
import io.webdnn.graph.op.LossReduction;
import io.webdnn.graph.op.NegativeLogLikelihoodLoss;
import io.webdnn.graph.op.RandomUniformLike;
import io.webdnn.graph.op.SoftmaxCrossEntropyLoss;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Normalizations, losses and dropout.
final class NetworkCases {
    private NetworkCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(batchNormalization(), layerNormalization(), losses(), dropout())
                .flatMap(s -> s);
    }

    private static Given positive(int... shape) {
        return random(DType.FLOAT32, 0.1, 2, shape);
    }

    private static Stream<OperatorCase> batchNormalization() {
        float epsilon = 1e-5f;
        return OperatorContract.of(new BatchNormalization(epsilon))
                .inputs(
                        "image",
                        f32(2, 3, 5, 4).symbol(0, "N"),
                        f32(3),
                        f32(3),
                        f32(3),
                        positive(3))
                .inputs("vectors", f32(4, 9), f32(9), f32(9), f32(9), positive(9))
                .inputs("no variance", f32(1, 1, 7), f32(1), f32(1), f32(1), Given.filled(0, 1))
                .oracle(in ->
                        Grid.each(
                                DType.FLOAT32,
                                in.get(0).shape(),
                                o -> {
                                    int c = o[1];
                                    double deviation = Math.sqrt(in.get(4).at(c) + epsilon);
                                    double normal = (in.get(0).at(o) - in.get(3).at(c)) / deviation;
                                    return normal * in.get(1).at(c) + in.get(2).at(c);
                                }));
    }

    private static Stream<OperatorCase> layerNormalization() {
        return Stream.of(
                        layerNormalization(
                                -1,
                                OperatorContract.of(new LayerNormalization(-1, 1e-5f))
                                        .inputs(
                                                "width 7, below one vector",
                                                f32(2, 3, 7).symbol(0, "N"),
                                                f32(7),
                                                f32(7))
                                        .inputs("scale of one element, no bias", f32(4, 5), f32(1))
                                        .inputs(
                                                "constant row",
                                                Given.filled(3, 2, 9),
                                                f32(9),
                                                f32(9))
                                        .inputs(
                                                "far from 0",
                                                random(DType.FLOAT32, 100, 101, 3, 16),
                                                f32(16),
                                                f32(16))
                                        .inputs("float16", f16(2, 12), f16(12), f16(12))),
                        layerNormalization(
                                1,
                                OperatorContract.of(new LayerNormalization(1, 1e-5f))
                                        .inputs("two axes", f32(2, 3, 5), f32(3, 5), f32(3, 5))))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> layerNormalization(int axis, OperatorContract contract) {
        return contract.oracles(in -> {
            var x = in.get(0);
            var scale = in.get(1);
            if (x == null || scale == null) throw new IllegalArgumentException("no input");
            var bias = in.size() > 2 ? in.get(2) : null;
            int from = Math.floorMod(axis, x.rank());
            var rows = x.shape();
            Arrays.fill(rows, from, rows.length, 1);
            var mean = Grid.zeros(DType.FLOAT32, rows);
            var inverse = Grid.zeros(DType.FLOAT32, rows);
            var behind = Arrays.copyOfRange(x.shape(), from, x.rank());
            mean.forEach(row -> {
                var values = new ArrayList<Double>();
                Grid.zeros(DType.FLOAT32, behind)
                        .forEach(k -> {
                            var at = row.clone();
                            System.arraycopy(k, 0, at, from, k.length);
                            values.add(x.at(at));
                        });
                double mu = values.stream().mapToDouble(v -> v).average().orElseThrow();
                double variance =
                        values.stream()
                                .mapToDouble(v -> (v - mu) * (v - mu))
                                .average()
                                .orElseThrow();
                mean.set(mu, row);
                inverse.set(1 / Math.sqrt(variance + 1e-5f), row);
            });
            var y =
                    Grid.each(
                            x.dtype(),
                            x.shape(),
                            o -> {
                                double normal =
                                        (x.at(o) - mean.broadcastAt(o)) * inverse.broadcastAt(o);
                                return normal * scale.broadcastAt(o)
                                        + (bias == null ? 0 : bias.broadcastAt(o));
                            });
            return List.of(y, mean, inverse);
        });
    }

    private static Given labels(int classes, int... shape) {
        return random(DType.INT64, 0, classes, shape);
    }

    private static Stream<OperatorCase> losses() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (var reduction : LossReduction.values()) {
            for (var ignored : Arrays.asList(null, 2, -100)) {
                cases.add(likelihood(reduction, ignored));
                cases.add(crossEntropy(reduction, ignored));
            }
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Given some(int ignored) {
        return Given.of(Tensor.of(new long[] {0, ignored, 3, ignored, 1}, 5));
    }

    private static Stream<OperatorCase> likelihood(
            LossReduction reduction, @Nullable Integer ignored) {
        var contract =
                OperatorContract.of(new NegativeLogLikelihoodLoss(reduction, ignored))
                        .inputs("vectors", f32(3, 10).symbol(0, "N"), labels(10, 3).symbol(0, "N"))
                        .inputs("weights", f32(5, 4), labels(4, 5), positive(4))
                        .inputs("images", f32(2, 5, 3, 2), labels(5, 2, 3, 2), positive(5));
        if (ignored != null) {
            contract.inputs("some ignored", f32(5, 4), some(ignored));
            contract.inputs("some ignored, weights", f32(5, 4), some(ignored), positive(4));
            contract.inputs("all ignored", f32(1, 4), Given.indices(new int[] {1}, ignored));
        }
        return contract.oracle(in ->
                loss(in.get(0), in.get(1), in.size() > 2 ? in.get(2) : null, reduction, ignored));
    }

    private static Stream<OperatorCase> crossEntropy(
            LossReduction reduction, @Nullable Integer ignored) {
        var contract =
                OperatorContract.of(new SoftmaxCrossEntropyLoss(reduction, ignored, true))
                        .inputs("vectors", f32(3, 10).symbol(0, "N"), labels(10, 3).symbol(0, "N"))
                        .inputs("images, weights", f32(2, 5, 3), labels(5, 2, 3), positive(5))
                        .inputs("large", random(DType.FLOAT32, -1000, 1000, 4, 3), labels(3, 4));
        if (ignored != null) contract.inputs("some ignored", f32(5, 4), some(ignored), positive(4));
        return contract.oracles(in -> {
            var x = in.get(0);
            var target = in.get(1);
            if (x == null || target == null) throw new IllegalArgumentException("no input");
            var logarithms = Grid.each(x.dtype(), x.shape(), o -> x.at(o) - logSum(x, o));
            var weight = in.size() > 2 ? in.get(2) : null;
            return List.of(loss(logarithms, target, weight, reduction, ignored), logarithms);
        });
    }

    private static double logSum(Grid x, int[] o) {
        var at = o.clone();
        double max = Double.NEGATIVE_INFINITY;
        for (at[1] = 0; at[1] < x.extent(1); at[1]++) max = Math.max(max, x.at(at));
        double sum = 0;
        for (at[1] = 0; at[1] < x.extent(1); at[1]++) sum += Math.exp(x.at(at) - max);
        return max + Math.log(sum);
    }

    private static Grid loss(
            Grid x,
            Grid target,
            @Nullable Grid weight,
            LossReduction reduction,
            @Nullable Integer ignored) {
        double[] sums = {0, 0};
        var losses =
                Grid.each(
                        x.dtype(),
                        target.shape(),
                        o -> {
                            int t = (int) target.at(o);
                            if (ignored != null && t == ignored) return 0;
                            var at =
                                    IntStream.concat(
                                                    IntStream.of(o[0], t), Arrays.stream(o).skip(1))
                                            .toArray();
                            double w = weight == null ? 1 : weight.at(t);
                            sums[0] -= x.at(at) * w;
                            sums[1] += w;
                            return -x.at(at) * w;
                        });
        return switch (reduction) {
            case NONE -> losses;
            case SUM -> Grid.each(x.dtype(), new int[0], _ -> sums[0]);
            case MEAN -> Grid.each(x.dtype(), new int[0], _ -> sums[0] / sums[1]);
        };
    }

    private static Stream<OperatorCase> dropout() {
        return Stream.of(dropout(0), dropout(3), draws()).flatMap(s -> s);
    }

    private static Given words(DType dtype, int[] shape, int... words) {
        return Given.of(Tensor.of(dtype, words, shape));
    }

    private static Stream<OperatorCase> draws() {
        int seed = 0x3FC00000;
        int stream = 2;
        return OperatorContract.of(new RandomUniformLike(seed, stream))
                .inputs("reals", f32(5, 9).symbol(0, "N"))
                .inputs("integers", i32(3, 1, 33))
                .inputs("one", f32())
                .oracle(in -> {
                    int[] element = {0};
                    return Grid.each(
                            DType.FLOAT32,
                            in.get(0).shape(),
                            _ -> {
                                var words = new int[] {element[0]++, 0, stream, 0};
                                Philox.block(seed, 0, words);
                                return Philox.uniform(words[0]);
                            });
                });
    }

    private static Stream<OperatorCase> dropout(int stream) {
        var seed = words(DType.UINT32, new int[] {2}, 0xDEADBEEF, 7);
        var step = words(DType.UINT32, new int[] {}, 5);
        return OperatorContract.of(new Dropout(stream))
                .inputs("half", f32(5, 9).symbol(0, "N"), Given.filled(0.5), seed, step)
                .inputs("one in ten", f32(2, 3, 17), Given.filled(0.1), seed, step)
                .inputs("none", f32(8), Given.filled(0), seed, step)
                .inputs("all", f32(8), Given.filled(1), seed, step)
                .inputs("float16", f16(33), Given.filled(0.25), seed, step)
                .oracles(in -> {
                    var x = in.get(0);
                    var ratio = in.get(1);
                    if (x == null || ratio == null) throw new IllegalArgumentException("no input");
                    double p = ratio.flatAt(0);
                    int[] element = {0};
                    var mask =
                            Grid.each(
                                    DType.BOOL,
                                    x.shape(),
                                    _ -> {
                                        var words = new int[] {element[0]++, 0, stream, 5};
                                        Philox.block(0xDEADBEEF, 7, words);
                                        return Philox.uniform(words[0]) >= p ? 1 : 0;
                                    });
                    var y =
                            Grid.each(
                                    x.dtype(),
                                    x.shape(),
                                    o -> mask.at(o) != 0 ? x.at(o) / (1 - p) : 0);
                    return List.of(y, mask);
                });
    }
}
