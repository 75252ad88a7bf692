package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Pow;
import io.webdnn.graph.op.Reciprocal;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.graph.op.Window;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// Normalizations and norms, written out in operators of the graph.
final class NormalizationOperators {
    private NormalizationOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("GlobalLpPool", single(NormalizationOperators::globalLpPool));
        table.put("GroupNormalization", single(NormalizationOperators::groupNormalization));
        table.put("Hardmax", single(NormalizationOperators::hardmax));
        table.put("InstanceNormalization", single(NormalizationOperators::instanceNormalization));
        table.put("LpNormalization", single(NormalizationOperators::lpNormalization));
        table.put("LpPool", single(NormalizationOperators::lpPool));
        table.put("LRN", single(NormalizationOperators::localResponse));
        table.put("MeanVarianceNormalization", single(NormalizationOperators::meanVariance));
        // ONNX Runtime's own, but without its domain
        table.put("SimplifiedLayerNormalization", NormalizationOperators::simplified);
        table.put("RMSNormalization", single(NormalizationOperators::rootMeanSquare));
    }

    private static Value mean(Translation node, Value x, long... axes) {
        return node.apply(new ReduceMean(true), x, node.vector(axes));
    }

    /// {@return x − its mean}
    private static Value centred(Translation node, Value x, long... axes) {
        return node.sub(x, mean(node, x, axes));
    }

    /// {@return x − its mean, divided by `√(variance + ε)`}
    private static Value standardized(Translation node, Value x, float epsilon, long... axes) {
        var centred = centred(node, x, axes); // two passes: E[x²] − μ² cancels for large means
        var variance = mean(node, node.mul(centred, centred), axes);
        var deviation = node.apply(new Sqrt(), node.add(variance, node.like(x, epsilon)));
        return node.div(centred, deviation);
    }

    private static Value wide(Translation node) {
        return node.cast(node.input(0), ReductionOperators.wide(node.type(0).dtype()));
    }

    private static long[] spatial(Translation node) {
        return LongStream.range(2, node.rank(0)).toArray();
    }

    private static Value instanceNormalization(Translation node) {
        if (node.opset() < 6) node.ignore("consumed_inputs");
        if (node.rank(0) < 3) throw node.wrong("input", "rank >= 3", node.type(0));
        var normal = standardized(node, wide(node), node.real("epsilon", 1e-5f), spatial(node));
        var scaled =
                node.mul(
                        node.cast(normal, node.type(0).dtype()),
                        ActivationOperators.ofChannels(node, node.input(1)));
        return node.add(scaled, ActivationOperators.ofChannels(node, node.input(2)));
    }

    /// Before opset 21, scale and bias are one for each group.
    private static Value groupNormalization(Translation node) {
        if (!node.hasAttribute("num_groups")) throw node.wrong("num_groups", "an int", "none");
        long groups = node.integer("num_groups", 1);
        node.integer("stash_type", 1);
        if (node.rank(0) < 3) throw node.wrong("X", "rank >= 3", node.type(0));
        int channels = node.fixed(0, 1);
        if (groups < 1 || channels % groups != 0)
            throw node.wrong("num_groups", "a divisor of C = " + channels, groups);
        var grouped = node.apply(new Reshape(), wide(node), node.vector(0, groups, -1));
        var normal = standardized(node, grouped, node.real("epsilon", 1e-5f), 2);
        var dtype = node.type(0).dtype();
        if (node.opset() < 21) {
            var scale = node.apply(new Reshape(), node.input(1), node.vector(-1, 1));
            var bias = node.apply(new Reshape(), node.input(2), node.vector(-1, 1));
            var y = node.add(node.mul(node.cast(normal, dtype), scale), bias);
            return LayoutOperators.reshape(node, y, node.shape(0));
        }
        var y = LayoutOperators.reshape(node, node.cast(normal, dtype), node.shape(0));
        var scaled = node.mul(y, ActivationOperators.ofChannels(node, node.input(1)));
        return node.add(scaled, ActivationOperators.ofChannels(node, node.input(2)));
    }

    private static Value meanVariance(Translation node) {
        var given = node.integers("axes");
        var axes =
                given == null
                        ? new long[] {0, 2, 3}
                        : given.stream().mapToLong(Long::longValue).toArray();
        var x = wide(node);
        var centred = centred(node, x, axes);
        var variance = mean(node, node.mul(centred, centred), axes);
        var deviation = node.add(node.apply(new Sqrt(), variance), node.like(x, 1e-9));
        return node.cast(node.div(centred, deviation), node.type(0).dtype());
    }

    private static Value rootMeanSquare(Translation node) {
        return simplified(node).getFirst();
    }

    /// The result, and the inverse of what it was divided by.
    static List<Value> simplified(Translation node) {
        var stash = node.dtype("stash_type", DType.FLOAT32);
        if (!stash.isFloat()) throw node.wrong("stash_type", "a float", stash);
        int axis = node.axis("axis", -1, node.rank(0));
        var x = stash == DType.FLOAT64 ? node.cast(node.input(0), stash) : wide(node);
        return rootMeanSquare(node, x, node.input(1), axis, node.real("epsilon", 1e-5f));
    }

    /// {@return `x / √(mean of x² + ε) · scale` over the axes from one on, and `1 / √(mean + ε)`}
    static List<Value> rootMeanSquare(
            Translation node, Value x, Value scale, int axis, float epsilon) {
        var axes = LongStream.range(axis, x.type().rank()).toArray();
        var squares = mean(node, node.mul(x, x), axes);
        var root = node.apply(new Sqrt(), node.add(squares, node.like(x, epsilon)));
        var normal = node.cast(node.div(x, root), scale.type().dtype());
        return List.of(node.mul(normal, scale), node.apply(new Reciprocal(), root));
    }

    /// A vector of zeros stays one.
    private static Value lpNormalization(Translation node) {
        int p = Math.toIntExact(node.integer("p", 2));
        if (p != 1 && p != 2) throw node.wrong("p", "1 or 2", p);
        int axis = node.axis("axis", -1, node.rank(0));
        var x = wide(node);
        var sum = node.apply(new ReduceSum(true), power(node, x, p), node.vector(axis));
        var norm = root(node, sum, p);
        var isZero = node.apply(new Equal(), norm, node.like(norm, 0));
        var divisor = node.apply(new Where(), isZero, node.like(norm, 1), norm);
        return node.cast(node.div(x, divisor), node.type(0).dtype());
    }

    /// {@return |x|^p}
    private static Value power(Translation node, Value x, float p) {
        if (p == 2) return node.mul(x, x);
        var magnitude = node.apply(new Abs(), x);
        return p == 1 ? magnitude : node.apply(new Pow(), magnitude, node.like(x, p));
    }

    private static Value root(Translation node, Value x, float p) {
        if (p == 1) return x;
        return p == 2 ? node.apply(new Sqrt(), x) : node.apply(new Pow(), x, node.like(x, 1.0 / p));
    }

    /// Before opset 2, p is a float.
    private static float exponent(Translation node) {
        float p = node.opset() < 2 ? node.real("p", 2) : node.integer("p", 2);
        if (!(p > 0)) throw node.wrong("p", "> 0", p);
        return p;
    }

    private static Value globalLpPool(Translation node) {
        float p = exponent(node);
        if (node.rank(0) < 3) throw node.wrong("X", "rank >= 3", node.type(0));
        var powers = power(node, wide(node), p);
        var sum = node.apply(new ReduceSum(true), powers, node.vector(spatial(node)));
        return node.cast(root(node, sum, p), node.type(0).dtype());
    }

    /// The sum of a window is its mean, the padding counted, times the number of its taps.
    private static Value lpPool(Translation node) {
        float p = exponent(node);
        var kernel = WindowOperators.poolKernel(node);
        var windows = new ArrayList<>(WindowOperators.windows(node, kernel));
        if (node.flag("ceil_mode", false)) {
            for (int d = 0; d < windows.size(); d++)
                windows.set(d, filled(windows.get(d), kernel.get(d), node.fixed(0, d + 2)));
        }
        int taps = kernel.stream().reduce(1, (a, b) -> a * b);
        var pool = new AveragePool(kernel, windows, false, true);
        var mean = node.apply(pool, power(node, wide(node), p));
        var sum = node.mul(mean, node.like(mean, taps));
        return node.cast(root(node, sum, p), node.type(0).dtype());
    }

    /// {@return a window of rounded-up places with the end padding that they need}
    private static Window filled(Window window, int kernel, int extent) {
        var places = window.placesRoundingUp(Dimension.of(extent), kernel);
        long last = (places.value() - 1) * window.stride() - window.padBegin();
        long end = last + (kernel - 1L) * window.dilation() + 1 - extent;
        return new Window(
                window.stride(), window.dilation(), window.padBegin(), Math.toIntExact(end));
    }

    /// `x / (k + α · mean of x² over size channels)^β`; an even size has one channel more behind.
    private static Value localResponse(Translation node) {
        if (!node.hasAttribute("size")) throw node.wrong("size", "an int", "none");
        int size = Math.toIntExact(node.integer("size", 1));
        if (size < 1) throw node.wrong("size", ">= 1", size);
        if (node.rank(0) < 3) throw node.wrong("X", "rank >= 3", node.type(0));
        var x = wide(node);
        var kernel = new ArrayList<>(Collections.nCopies(node.rank(0) - 1, 1));
        var windows = new ArrayList<>(Collections.nCopies(node.rank(0) - 1, Window.PLAIN));
        kernel.set(0, size);
        windows.set(0, new Window(1, 1, (size - 1) / 2, size / 2));
        var squares = node.apply(new Unsqueeze(), node.mul(x, x), node.vector(1));
        var mean = node.apply(new AveragePool(kernel, windows, false, true), squares);
        var scaled =
                node.mul(
                        node.apply(new Squeeze(), mean, node.vector(1)),
                        node.like(x, node.real("alpha", 1e-4f)));
        var base = node.add(scaled, node.like(x, node.real("bias", 1)));
        var divisor = node.apply(new Pow(), base, node.like(x, node.real("beta", 0.75f)));
        return node.cast(node.div(x, divisor), node.type(0).dtype());
    }

    /// Before opset 13, the axes from `axis` on are one.
    private static Value hardmax(Translation node) {
        int rank = node.rank(0);
        if (node.opset() >= 13) return hardmax(node, node.input(0), node.axis("axis", -1, rank));
        var rows = node.apply(new Flatten(node.axis("axis", 1)), node.input(0));
        return LayoutOperators.reshape(node, hardmax(node, rows, 1), node.shape(0));
    }

    private static Value hardmax(Translation node, Value x, int axis) {
        var extent = x.type().shape().get(axis);
        if (!extent.isFixed())
            throw node.wrong("input", "a fixed extent on axis " + axis, x.type());
        var place = node.cast(node.apply(new ArgMax(axis, true, false), x), DType.INT32);
        var places = node.count(x.type().rank(), axis, Math.toIntExact(extent.value()));
        return node.cast(node.apply(new Equal(), places, place), x.type().dtype());
    }

    /// As batch normalization, but with statistics for each element of a row, not for each channel.
    ///
    /// @param parameters scale, B, mean and variance, of the shape of a row
    static Value eachNormalized(Translation node, Value x, List<Value> parameters) {
        var variance = node.add(parameters.get(3), node.like(x, node.real("epsilon", 1e-5f)));
        var centred = node.sub(x, parameters.get(2));
        var normal = node.div(centred, node.apply(new Sqrt(), variance));
        return node.add(node.mul(normal, parameters.get(0)), parameters.get(1));
    }

    /// Statistics of the batch: the result, and the running mean and variance moved towards them.
    static List<Value> batchNormalizationInTraining(Translation node) {
        if (node.opset() < 14) throw node.wrong("training_mode", "opset >= 14", node.opset());
        float momentum = node.real("momentum", 0.9f);
        var axes = LongStream.range(0, node.rank(0)).filter(d -> d != 1).toArray();
        var x = wide(node);
        var mean = mean(node, x, axes);
        var centred = node.sub(x, mean);
        var variance = mean(node, node.mul(centred, centred), axes);
        var epsilon = node.like(x, node.real("epsilon", 1e-5f));
        var normal = node.div(centred, node.apply(new Sqrt(), node.add(variance, epsilon)));
        var dtype = node.type(0).dtype();
        var wide = x.type().dtype();
        var scale = node.cast(ActivationOperators.ofChannels(node, node.input(1)), wide);
        var bias = node.cast(ActivationOperators.ofChannels(node, node.input(2)), wide);
        return List.of(
                node.cast(node.add(node.mul(normal, scale), bias), dtype),
                moved(node, node.input(3), mean, momentum),
                moved(node, node.input(4), variance, momentum));
    }

    private static Value moved(Translation node, Value running, Value towards, float momentum) {
        var dtype = running.type().dtype();
        var now = node.apply(new Reshape(), node.cast(towards, dtype), node.vector(-1));
        var kept = node.mul(running, node.scalar(dtype, momentum));
        return node.add(kept, node.mul(now, node.scalar(dtype, 1 - momentum)));
    }
}
