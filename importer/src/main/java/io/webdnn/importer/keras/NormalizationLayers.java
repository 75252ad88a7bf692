package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.LayerNormalization;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.ReshapeLike;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.importer.keras.ModelFile.StoredWeight;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Layers that bring elements to a common scale.
final class NormalizationLayers {
    /// What Keras keeps a norm from being smaller than, squared, when it divides by it.
    private static final double LEAST_SQUARE = 1e-12;

    private NormalizationLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("BatchNormalization", NormalizationLayers::batchNormalization);
        table.put("GroupNormalization", NormalizationLayers::groupNormalization);
        table.put("LayerNormalization", NormalizationLayers::layerNormalization);
        table.put("RMSNormalization", NormalizationLayers::rootMeanSquare);
        table.put("SpectralNormalization", NormalizationLayers::spectral);
        table.put("SyncBatchNormalization", NormalizationLayers::batchNormalization);
        table.put("UnitNormalization", NormalizationLayers::unitNormalization);
    }

    private static Value batchNormalization(LayerCall call) {
        var config = call.config();
        config.ignore("momentum", "virtual_batch_size", "renorm", "fused", "synchronized");
        if (config.integer("mode", 0) != 0) throw config.wrong("mode", "0", config.get("mode"));
        var x = call.input();
        int rank = x.type().rank();
        var axes = axes(config, rank);
        if (axes.size() != 1) throw config.wrong("axis", "one axis", axes);
        int axis = axes.getFirst();
        int channels = call.fixed(x, axis);
        // Keras 1 added 1e-5 before 2017, and says so; 2 and 3 add 1e-3.
        float epsilon = config.real("epsilon", 1e-3);
        var scale = weight(call, "scale", "gamma", 1, channels);
        var shift = weight(call, "center", "beta", 0, channels);
        var mean = call.weight("moving_mean", channels);
        var variance = call.weight("moving_variance", channels);
        var order = new ArrayList<>(List.of(0, axis));
        for (int d = 1; d < rank; d++) if (d != axis) order.add(d);
        var back = new ArrayList<>(Collections.nCopies(rank, 0));
        for (int d = 0; d < rank; d++) back.set(order.get(d), d);
        var moved = axis == 1 ? x : call.transpose(x, order);
        var y = call.apply(new BatchNormalization(epsilon), moved, scale, shift, mean, variance);
        return axis == 1 ? y : call.transpose(y, back);
    }

    /// {@return the axes that the attribute names, in ascending order, not the batch's}
    private static List<Integer> axes(LayerConfig config, int rank) {
        var named =
                config.get("axis") instanceof List<?>
                        ? config.integers("axis")
                        : List.of(config.integer("axis", -1));
        var axes = new TreeSet<Integer>();
        for (int axis : named) {
            int along = axis < 0 ? axis + rank : axis;
            if (along < 1 || along >= rank)
                throw config.wrong("axis", "an axis of " + rank + " but the first", axis);
            axes.add(along);
        }
        return List.copyOf(axes);
    }

    /// {@return the weight that the layer has if an attribute says so, else one value}
    private static Value weight(
            LayerCall call, String attribute, String role, float otherwise, int... shape) {
        if (call.config().flag(attribute, true)) return call.weight(role, shape);
        var values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        Arrays.fill(values, otherwise);
        return call.constant(Tensor.of(values, shape));
    }

    private static Value layerNormalization(LayerCall call) {
        var config = call.config();
        var x = call.input();
        int rank = x.type().rank();
        var axes = axes(config, rank);
        int[] shape = axes.stream().mapToInt(axis -> call.fixed(x, axis)).toArray();
        float epsilon = config.real("epsilon", 1e-3);
        boolean centered = !config.flag("rms_scaling", false);
        var scale = weight(call, "scale", "gamma", 1, shape);
        // with rms_scaling there is no beta, whatever `center` says
        config.ignore("center");
        if (centered && axes.equals(List.of(rank - 1)))
            return call.apply(
                    new LayerNormalization(-1, epsilon),
                    x,
                    scale,
                    weight(call, "center", "beta", 0, shape));
        var scaled =
                call.mul(
                        normalized(call, x, axes, epsilon, centered),
                        along(call, scale, axes, rank));
        if (!centered) return Value.of(scaled);
        var shift = weight(call, "center", "beta", 0, shape);
        return Value.of(call.add(scaled, along(call, shift, axes, rank)));
    }

    private static Value rootMeanSquare(LayerCall call) {
        var x = call.input();
        int rank = x.type().rank();
        var axes = axes(call.config(), rank);
        int[] shape = axes.stream().mapToInt(axis -> call.fixed(x, axis)).toArray();
        var scale = along(call, call.weight("scale", shape), axes, rank);
        float epsilon = call.config().real("epsilon", 1e-6);
        return Value.of(call.mul(normalized(call, x, axes, epsilon, false), scale));
    }

    /// {@return `(x − μ) / √(mean of (x − μ)² + ε)` over some axes, μ = 0 if not centered}
    private static Value normalized(
            LayerCall call, Value x, List<Integer> axes, double epsilon, boolean centered) {
        var over = call.vector(axes.stream().mapToLong(Integer::longValue).toArray());
        var mean = new ReduceMean(true, false);
        var from = centered ? Value.of(call.sub(x, call.apply(mean, x, over))) : x;
        var variance = call.apply(mean, call.mul(from, from), over);
        var divisor = call.add(variance, call.scalar(DType.FLOAT32, epsilon));
        return Value.of(call.div(from, call.apply(new Sqrt(), divisor)));
    }

    /// {@return a weight of some axes, as it meets arrays of all axes}
    private static Value along(LayerCall call, Value weight, List<Integer> axes, int rank) {
        var shape = new long[rank];
        Arrays.fill(shape, 1);
        for (int i = 0; i < axes.size(); i++) shape[axes.get(i)] = call.fixed(weight, i);
        return call.reshape(weight, shape);
    }

    /// Normalizes the channels of each group with all places.
    private static Value groupNormalization(LayerCall call) {
        var config = call.config();
        var x = call.input();
        int rank = x.type().rank();
        var axes = axes(config, rank);
        boolean last = axes.equals(List.of(rank - 1));
        if (!last && !axes.equals(List.of(1)))
            throw config.wrong("axis", "the last one or 1", axes);
        int channels = call.fixed(x, axes.getFirst());
        int groups = config.integer("groups", 32);
        if (groups == -1) groups = channels;
        if (groups < 1 || channels % groups != 0)
            throw config.wrong("groups", "a divisor of " + channels + " channels", groups);
        var first = last ? call.channelsFirst(x) : x;
        var grouped = call.reshape(first, 0, groups, -1);
        var even = normalized(call, grouped, List.of(2), config.real("epsilon", 1e-3), true);
        var y = call.apply(new ReshapeLike(), even, first);
        if (last) y = call.channelsLast(y);
        if (config.flag("scale", true))
            y = Value.of(call.mul(y, along(call, call.weight("gamma", channels), axes, rank)));
        if (config.flag("center", true))
            y = Value.of(call.add(y, along(call, call.weight("beta", channels), axes, rank)));
        return y;
    }

    private static Value unitNormalization(LayerCall call) {
        var x = call.input();
        return unit(call, x, axes(call.config(), x.type().rank()));
    }

    /// {@return x divided by its norm over some axes}
    static Value unit(LayerCall call, Value x, List<Integer> axes) {
        var over = call.vector(axes.stream().mapToLong(Integer::longValue).toArray());
        var squares = call.apply(new ReduceSum(true, false), call.mul(x, x), over);
        var least = call.scalar(DType.FLOAT32, LEAST_SQUARE);
        var norm = call.apply(new Sqrt(), call.apply(new Max(), squares, least));
        return Value.of(call.div(x, norm));
    }

    /// A layer whose kernel was divided by its largest singular value in training; the vector that
    /// estimates it stands among the weights.
    private static Value spectral(LayerCall call) {
        call.config().ignore("power_iterations");
        var layer = call.config().inner("layer");
        var own = new ArrayList<StoredWeight>();
        for (var weight : call.takeWeights().stored()) {
            boolean isEstimate =
                    weight.path().contains("vector_u")
                            || weight.path().contains("sn_u")
                            || weight.path().matches("[^/]*/vars/\\d+");
            if (!isEstimate) own.add(weight);
        }
        return Network.call(
                        layer,
                        call.inputs(),
                        CallArguments.none(),
                        new LayerWeights(own),
                        call.context())
                .getFirst();
    }
}
