package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.LayerWeights.ANY;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.LayerNormalization;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Not;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Dense layers, normalization, embeddings, and what changes shapes only.
final class CoreLayers {
    private CoreLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("ActivityRegularization", call -> only(call, "l1", "l2"));
        table.put("AlphaDropout", call -> only(call, "rate", "noise_shape"));
        table.put("BatchNormalization", CoreLayers::batchNormalization);
        table.put("Dense", CoreLayers::dense);
        table.put("Dropout", call -> only(call, "rate", "noise_shape", "p"));
        table.put("Embedding", CoreLayers::embedding);
        table.put("Flatten", CoreLayers::flatten);
        table.put("GaussianDropout", call -> only(call, "rate", "p"));
        table.put("GaussianNoise", call -> only(call, "stddev", "sigma"));
        table.put("LayerNormalization", CoreLayers::layerNormalization);
        table.put("Masking", CoreLayers::masking);
        table.put("Permute", CoreLayers::permute);
        table.put("RepeatVector", CoreLayers::repeatVector);
        table.put("Reshape", CoreLayers::reshape);
        for (var kind : List.of("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"))
            table.put(
                    kind,
                    call -> only(call, "rate", "noise_shape", "p", "data_format", "dim_ordering"));
    }

    /// What acts in training only.
    private static Value only(LayerCall call, String... attributes) {
        call.config().ignore(attributes);
        return call.input();
    }

    private static Value dense(LayerCall call) {
        var x = call.input();
        int units = call.config().integer(call.config().has("units") ? "units" : "output_dim");
        var kernel = call.weight("kernel", call.fixed(x, x.type().rank() - 1), units);
        var y = call.apply(new MatMul(), x, kernel);
        return Activations.apply(call, "activation", bias(call, y, units));
    }

    /// {@return y with the bias that the layer has by its attributes, on the last axis}
    static Value bias(LayerCall call, Value y, int count) {
        return usesBias(call) ? Value.of(call.add(y, call.weight("bias", count))) : y;
    }

    static boolean usesBias(LayerCall call) {
        return call.config().flag(call.config().has("bias") ? "bias" : "use_bias", true);
    }

    private static Value batchNormalization(LayerCall call) {
        var config = call.config();
        config.ignore("momentum", "virtual_batch_size", "renorm", "fused", "synchronized");
        if (config.integer("mode", 0) != 0) throw config.wrong("mode", "0", config.get("mode"));
        var x = call.input();
        int rank = x.type().rank();
        int axis = axis(config, rank);
        int channels = call.fixed(x, axis);
        // Keras 1 added 1e-5 before 2017, and says so; 2 and 3 add 1e-3.
        float epsilon = config.real("epsilon", 1e-3);
        var scale = scale(call, channels);
        var shift = shift(call, channels);
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

    private static int axis(LayerConfig config, int rank) {
        int axis;
        if (config.get("axis") instanceof List<?>) {
            var axes = config.integers("axis");
            if (axes.size() != 1) throw config.wrong("axis", "one axis", axes);
            axis = axes.getFirst();
        } else {
            axis = config.integer("axis", -1);
        }
        int along = axis < 0 ? axis + rank : axis;
        if (along < 1 || along >= rank)
            throw config.wrong("axis", "an axis of " + rank + " but the first", axis);
        return along;
    }

    private static Value scale(LayerCall call, int size) {
        return call.config().flag("scale", true) ? call.weight("gamma", size) : fill(call, size, 1);
    }

    private static Value shift(LayerCall call, int size) {
        return call.config().flag("center", true) ? call.weight("beta", size) : fill(call, size, 0);
    }

    private static Value fill(LayerCall call, int count, float value) {
        var values = new float[count];
        Arrays.fill(values, value);
        return call.constant(Tensor.of(values, count));
    }

    private static Value layerNormalization(LayerCall call) {
        var config = call.config();
        var x = call.input();
        int axis = axis(config, x.type().rank());
        if (axis != x.type().rank() - 1) throw config.wrong("axis", "the last one", axis);
        int size = call.fixed(x, axis);
        var scale = scale(call, size);
        var shift = shift(call, size);
        var op = new LayerNormalization(-1, config.real("epsilon", 1e-3));
        return call.apply(op, x, scale, shift);
    }

    private static Value embedding(LayerCall call) {
        var config = call.config();
        config.ignore("sparse");
        var table = call.weight("embeddings", ANY, config.integer("output_dim"));
        if (call.shape(table).size(0) != config.integer("input_dim")) {
            throw config.wrong(
                    "input_dim",
                    call.shape(table).size(0) + ", by the weights",
                    config.get("input_dim"));
        }
        var indices = call.apply(new Cast(DType.INT32), call.input());
        var y = call.apply(new Gather(0), table, indices);
        if (config.flag("mask_zero", false)) {
            var isZero = call.apply(new Equal(), indices, call.scalar(DType.INT32, 0));
            call.masks().put(y, call.apply(new Not(), isZero));
        }
        return y;
    }

    /// A step all of whose elements are the mask value does not count; it becomes 0.
    private static Value masking(LayerCall call) {
        var x = call.input(3);
        var value = call.scalar(DType.FLOAT32, call.config().real("mask_value", 0));
        var differs = call.apply(new Not(), call.apply(new Equal(), x, value));
        var mask = call.apply(new ReduceMax(false), differs, call.vector(2));
        var y = call.apply(new Where(), call.unsqueeze(mask, 2), x, call.scalar(DType.FLOAT32, 0));
        call.masks().put(y, mask);
        return y;
    }

    private static Value flatten(LayerCall call) {
        boolean last = call.isChannelsLast();
        var x = call.input();
        if (x.type().rank() == 1) return call.reshape(x, -1, 1);
        // Keras flattens in the order of channels last, wherever they stand
        return call.reshape(last || x.type().rank() < 3 ? x : call.channelsLast(x), 0, -1);
    }

    private static Value permute(LayerCall call) {
        int rank = call.input().type().rank();
        var dims = call.config().integers("dims");
        var permutation = new ArrayList<>(List.of(0));
        permutation.addAll(dims);
        if (dims.size() != rank - 1
                || !new HashSet<>(permutation)
                        .equals(new HashSet<>(IntStream.range(0, rank).boxed().toList())))
            throw call.wrong("dims", "each of 1 … " + (rank - 1) + " once", dims);
        return call.transpose(call.input(), permutation);
    }

    private static Value repeatVector(LayerCall call) {
        var x = call.input(2);
        int count = call.config().integer("n");
        var column = call.unsqueeze(x, 1);
        return call.apply(new Expand(), column, call.vector(1, count, 1));
    }

    private static Value reshape(LayerCall call) {
        var wanted = call.config().integers("target_shape");
        var shape = new long[wanted.size() + 1];
        for (int d = 1; d < shape.length; d++) shape[d] = wanted.get(d - 1);
        return call.reshape(call.input(), shape);
    }
}
