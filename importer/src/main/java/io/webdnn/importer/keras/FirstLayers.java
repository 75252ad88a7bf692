package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import java.util.Map;

/// Layers that Keras 1 had, and later versions have not.
final class FirstLayers {
    private FirstLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("Highway", FirstLayers::highway);
        table.put("MaxoutDense", FirstLayers::maxout);
        table.put("ParametricSoftplus", FirstLayers::parametricSoftplus);
        table.put("SReLU", FirstLayers::shapedRelu);
    }

    /// `t·f(x·W + b) + (1 − t)·x`, t being the logistic function of `x·W_carry + b_carry`.
    ///
    /// Source: Srivastava, Greff, Schmidhuber 2015.
    private static Value highway(LayerCall call) {
        call.config().ignore("transform_bias");
        var x = call.input(2);
        int extent = call.fixed(x, 1);
        boolean biased = CoreLayers.usesBias(call);
        var kernel = call.weight("W", extent, extent);
        // Keras 1.2 stores both matrices first, the versions before it each with its bias
        boolean matricesFirst =
                call.weights().size() > 1 && call.weights().stored().get(1).value().rank() == 2;
        Value own = null;
        if (biased && !matricesFirst) own = call.weight("b", extent);
        var carry = call.weight("W_carry", extent, extent);
        if (biased && matricesFirst) own = call.weight("b", extent);
        var gate = call.apply(new MatMul(), x, carry);
        if (biased) gate = Value.of(call.add(gate, call.weight("b_carry", extent)));
        var t = call.apply(new Sigmoid(), gate);
        var y = call.apply(new MatMul(), x, kernel);
        if (own != null) y = Value.of(call.add(y, own));
        y = Activations.apply(call, "activation", y);
        var rest = call.sub(call.scalar(DType.FLOAT32, 1), t);
        return Value.of(call.add(call.mul(t, y), call.mul(rest, x)));
    }

    /// The largest of several affine functions.
    ///
    /// Source: Goodfellow 2013.
    private static Value maxout(LayerCall call) {
        var config = call.config();
        var x = call.input(2);
        int count = config.integer("nb_feature", 4);
        int units = config.integer("output_dim");
        var kernel = call.weight("W", count, call.fixed(x, 1), units);
        // [1, N, C] · [count, C, units]
        var y = call.apply(new MatMul(), call.unsqueeze(x, 0), kernel);
        if (CoreLayers.usesBias(call))
            y = Value.of(call.add(y, call.unsqueeze(call.weight("b", count, units), 1)));
        return call.apply(new ReduceMax(false, false), y, call.vector(0));
    }

    private static int[] example(LayerCall call, Value x) {
        var shape = new int[x.type().rank() - 1];
        for (int d = 0; d < shape.length; d++) shape[d] = call.fixed(x, d + 1);
        return shape;
    }

    /// `α·log(1 + exp(β·x))`
    private static Value parametricSoftplus(LayerCall call) {
        call.config().ignore("alpha_init", "beta_init", "shared_axes");
        var x = call.input();
        int[] shape = example(call, x);
        var alpha = call.weight("alphas", shape);
        var beta = call.weight("betas", shape);
        return Value.of(call.mul(alpha, call.apply(new Softplus(), call.mul(beta, x))));
    }

    /// x between two thresholds, other slopes below the lower one and above the upper one, which
    /// stands `|t_right|` above the lower.
    ///
    /// Source: Jin 2016.
    private static Value shapedRelu(LayerCall call) {
        call.config().ignore("shared_axes");
        var x = call.input();
        int[] shape = example(call, x);
        var low = call.weight("t_left", shape);
        var below = call.weight("a_left", shape);
        var distance = call.weight("t_right", shape);
        var above = call.weight("a_right", shape);
        var high = call.add(low, call.apply(new Abs(), distance));
        var under = call.add(low, call.mul(below, call.sub(x, low)));
        var over = call.add(high, call.mul(above, call.sub(x, high)));
        var middle = call.apply(new Where(), call.apply(new Less(), x, low), under, x);
        return call.apply(new Where(), call.apply(new Greater(), x, high), over, middle);
    }
}
