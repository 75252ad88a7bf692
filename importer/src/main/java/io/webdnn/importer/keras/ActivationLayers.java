package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.GreaterOrEqual;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Layers that are activation functions.
final class ActivationLayers {
    private ActivationLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("Activation", call -> Activations.apply(call, "activation", call.input()));
        table.put("ELU", call -> call.apply(new Elu(call.config().real("alpha", 1)), call.input()));
        table.put("LeakyReLU", ActivationLayers::leakyRelu);
        table.put("PReLU", ActivationLayers::prelu);
        table.put("ReLU", ActivationLayers::relu);
        table.put("Softmax", ActivationLayers::softmax);
        table.put("ThresholdedReLU", ActivationLayers::thresholdedRelu);
    }

    private static Value leakyRelu(LayerCall call) {
        var config = call.config();
        float slope = config.real(config.has("negative_slope") ? "negative_slope" : "alpha", 0.3);
        return call.apply(new LeakyRelu(slope), call.input());
    }

    private static Value prelu(LayerCall call) {
        var x = call.input();
        var shared = new HashSet<Integer>();
        if (call.config().has("shared_axes")) shared.addAll(call.config().integers("shared_axes"));
        var shape = new int[x.type().rank() - 1];
        for (int d = 0; d < shape.length; d++)
            shape[d] = shared.contains(d + 1) ? 1 : call.fixed(x, d + 1);
        var slope = call.weight("alpha", shape);
        var zero = zero(call);
        var negative = call.apply(new Min(), x, zero);
        return Value.of(call.add(call.apply(new Relu(), x), call.mul(slope, negative)));
    }

    /// `x` from the threshold on, at most the maximum; below it `slope · (x − threshold)`.
    private static Value relu(LayerCall call) {
        var config = call.config();
        float slope = config.real("negative_slope", 0);
        float threshold = config.real("threshold", 0);
        var x = call.input();
        Value y;
        if (threshold != 0) {
            var limit = call.scalar(DType.FLOAT32, threshold);
            var below = call.mul(call.scalar(DType.FLOAT32, slope), call.sub(x, limit));
            y = call.apply(new Where(), call.apply(new GreaterOrEqual(), x, limit), x, below);
        } else {
            y = slope == 0 ? call.apply(new Relu(), x) : call.apply(new LeakyRelu(slope), x);
        }
        if (!config.has("max_value")) return y;
        return call.apply(new Min(), y, call.scalar(DType.FLOAT32, config.real("max_value", 0)));
    }

    private static Value softmax(LayerCall call) {
        if (!(call.config().get("axis") instanceof List<?>))
            return call.apply(new Softmax(call.config().integer("axis", -1)), call.input());
        var axes = call.config().integers("axis");
        if (axes.size() == 1) return call.apply(new Softmax(axes.getFirst()), call.input());
        throw call.wrong("axis", "one axis", axes);
    }

    private static Value thresholdedRelu(LayerCall call) {
        var x = call.input();
        var theta = call.scalar(DType.FLOAT32, call.config().real("theta", 1));
        return call.apply(new Where(), call.apply(new Greater(), x, theta), x, zero(call));
    }

    private static Value zero(LayerCall call) {
        return Value.of(call.scalar(DType.FLOAT32, 0));
    }
}
