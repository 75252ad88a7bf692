package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Sub;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Layers with several inputs.
final class MergeLayers {
    private MergeLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("Add", call -> fold(call, new Add()));
        table.put("Average", MergeLayers::average);
        table.put("Concatenate", MergeLayers::concatenate);
        table.put("Dot", MergeLayers::dot);
        table.put("Maximum", call -> fold(call, new Max()));
        table.put("Merge", MergeLayers::merge);
        table.put("Minimum", call -> fold(call, new Min()));
        table.put("Multiply", call -> fold(call, new Mul()));
        table.put("Subtract", MergeLayers::subtract);
    }

    private static List<Value> several(LayerCall call) {
        if (call.inputs().size() < 2)
            throw call.wrong("inputs", "two or more", call.inputs().size());
        return call.inputs();
    }

    private static List<Value> two(LayerCall call) {
        if (call.inputs().size() != 2) throw call.wrong("inputs", "two", call.inputs().size());
        return call.inputs();
    }

    private static Value fold(LayerCall call, Op op) {
        var values = several(call);
        var result = values.getFirst();
        for (var value : values.subList(1, values.size())) result = call.apply(op, result, value);
        return result;
    }

    private static Value average(LayerCall call) {
        var count = call.scalar(DType.FLOAT32, call.inputs().size());
        return call.apply(new Div(), fold(call, new Add()), count);
    }

    /// All of them in one, as Keras 1 has them.
    private static Value merge(LayerCall call) {
        var config = call.config();
        if (!config.text("mode_type", "raw").equals("raw"))
            throw call.wrong("mode", "one of Keras's modes", "Python code");
        config.ignore(
                "arguments",
                "layers",
                "output_mask",
                "output_mask_type",
                "output_shape",
                "output_shape_type");
        var mode = config.choice("mode", "sum", "ave", "concat", "cos", "dot", "max", "mul");
        int axis = config.integer("concat_axis", -1);
        var axes =
                config.get("dot_axes") instanceof List<?>
                        ? config.integers("dot_axes")
                        : List.of(config.integer("dot_axes", -1), config.integer("dot_axes", -1));
        return switch (mode) {
            case "ave" -> average(call);
            case "concat" -> call.applyAll(new Concat(axis), several(call)).getFirst();
            case "cos" -> {
                if (call.inputs().getFirst().type().rank() != 2)
                    throw call.wrong(
                            "inputs", "rank 2 for cos", call.shape(call.inputs().getFirst()));
                yield call.unsqueeze(dot(call, axes, true), 1);
            }
            case "dot" -> dot(call, axes, false);
            case "max" -> fold(call, new Max());
            case "mul" -> fold(call, new Mul());
            default -> fold(call, new Add());
        };
    }

    private static Value subtract(LayerCall call) {
        return call.apply(new Sub(), two(call).get(0), two(call).get(1));
    }

    private static Value concatenate(LayerCall call) {
        int axis = call.config().integer("axis", -1);
        return call.applyAll(new Concat(axis), several(call)).getFirst();
    }

    /// Sums of products over one axis of each input; the batch is common to both.
    private static Value dot(LayerCall call) {
        boolean normalize = call.config().flag("normalize", false);
        return dot(call, call.config().integers("axes", 2, 1), normalize);
    }

    private static Value dot(LayerCall call, List<Integer> axes, boolean normalize) {
        var inputs = two(call);
        var sides = new ArrayList<Value>();
        for (int i = 0; i < 2; i++) {
            var x = inputs.get(i);
            int rank = x.type().rank();
            int axis = axes.get(i) < 0 ? axes.get(i) + rank : axes.get(i);
            if (rank < 2 || rank > 3) throw call.wrong("inputs", "rank 2 or 3", call.shape(x));
            if (axis < 1 || axis >= rank)
                throw call.wrong("axes", "axes of the inputs but the first", axes);
            if (normalize) x = NormalizationLayers.unit(call, x, List.of(axis));
            sides.add(atEnd(call, x, axis));
        }
        var a = sides.get(0);
        var b = sides.get(1);
        // a: [N, (i,) k], b: [N, (j,) k]
        int ranks = a.type().rank() + b.type().rank();
        var left = a.type().rank() == 2 ? call.unsqueeze(a, 1) : a;
        var right = b.type().rank() == 2 ? call.unsqueeze(b, 1) : b;
        var product = call.apply(new MatMul(), left, call.transpose(right, List.of(0, 2, 1)));
        if (ranks == 6) return product;
        if (ranks == 4) return call.reshape(product, 0, 1);
        return call.reshape(product, 0, -1);
    }

    private static Value atEnd(LayerCall call, Value x, int axis) {
        int rank = x.type().rank();
        if (axis == rank - 1) return x;
        var order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        Collections.swap(order, axis, rank - 1);
        return call.transpose(x, order);
    }
}
