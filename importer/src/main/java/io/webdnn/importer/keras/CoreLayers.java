package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.LayerWeights.ANY;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Einsum;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Not;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Dense layers, embeddings, and what changes shapes only.
final class CoreLayers {
    private CoreLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("ActivityRegularization", call -> only(call, "l1", "l2"));
        table.put("AlphaDropout", call -> only(call, "rate", "noise_shape"));
        table.put("Dense", CoreLayers::dense);
        table.put("Dropout", call -> only(call, "rate", "noise_shape", "p"));
        table.put("EinsumDense", CoreLayers::einsumDense);
        table.put("Embedding", CoreLayers::embedding);
        table.put("Flatten", CoreLayers::flatten);
        table.put("GaussianDropout", call -> only(call, "rate", "p"));
        table.put("GaussianNoise", call -> only(call, "stddev", "sigma"));
        table.put("Identity", LayerCall::input);
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
        int units = call.config().integer("units");
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

    private static Value einsumDense(LayerCall call) {
        var config = call.config();
        config.ignore("output_shape", "gptq_unpacked_column_size");
        var equation = config.text("equation", "").replace(" ", "");
        var terms = equation.split("->|,", -1);
        if (terms.length != 3) throw config.wrong("equation", "ab,bc->ac", equation);
        var kernel = call.weight("kernel", any(terms[1].length()));
        var y = call.apply(new Einsum(equation), call.input(), kernel);
        var axes = config.text("bias_axes", "");
        if (!axes.isEmpty()) {
            // from the first axis that has a bias; axes behind that have none have extent 1
            int first = terms[2].length();
            for (int i = 0; i < axes.length(); i++) {
                int place = terms[2].indexOf(axes.charAt(i));
                if (place < 0) throw config.wrong("bias_axes", "axes of " + terms[2], axes);
                first = Math.min(first, place);
            }
            y = Value.of(call.add(y, call.weight("bias", any(terms[2].length() - first))));
        }
        return Activations.apply(call, "activation", y);
    }

    private static int[] any(int rank) {
        var shape = new int[rank];
        Arrays.fill(shape, ANY);
        return shape;
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
