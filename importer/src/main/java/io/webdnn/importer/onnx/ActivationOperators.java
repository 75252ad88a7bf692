package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Softsign;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.ThresholdedRelu;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import java.util.ArrayList;
import java.util.Map;

/// Activations that are a few operators on one element.
final class ActivationOperators {
    private ActivationOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Celu", single(ActivationOperators::celu));
        table.put("HardSwish", single(ActivationOperators::hardSwish));
        table.put("Mish", single(ActivationOperators::mish));
        table.put("PRelu", single(ActivationOperators::prelu));
        table.put("Selu", single(ActivationOperators::selu));
        table.put("Shrink", single(ActivationOperators::shrink));
        table.put("SwiGLU", single(ActivationOperators::swiGlu));
        table.put("Swish", single(ActivationOperators::swish));
        table.put("Softsign", single(n -> n.apply(new Softsign(), n.input(0))));
        table.put(
                "ThresholdedRelu",
                single(n -> n.apply(new ThresholdedRelu(n.real("alpha", 1)), n.input(0))));
    }

    /// `α · elu(x / α)`.
    private static Value celu(Translation node) {
        var x = node.input(0);
        var alpha = node.like(x, node.real("alpha", 1));
        return node.mul(alpha, node.apply(new Elu(1), node.div(x, alpha)));
    }

    private static Value hardSwish(Translation node) {
        var x = node.input(0);
        return node.mul(x, node.apply(new HardSigmoid(1 / 6f, 0.5f), x));
    }

    private static Value mish(Translation node) {
        var x = node.input(0);
        return node.mul(x, node.apply(new Tanh(), node.apply(new Softplus(), x)));
    }

    /// Before opset 7, a slope is one for each channel.
    private static Value prelu(Translation node) {
        var x = node.input(0);
        var slope = node.input(1);
        if (node.opset() < 7) {
            node.ignore("consumed_inputs");
            if (slope.type().rank() == 1 && !slope.type().shape().get(0).is(1) && node.rank(0) > 2)
                slope = ofChannels(node, slope);
        }
        var negative = node.apply(new Less(), x, node.like(x, 0));
        return node.apply(new Where(), negative, node.mul(slope, x), x);
    }

    /// {@return a vector with an entry for each channel, shaped to broadcast to input 0}
    static Value ofChannels(Translation node, Value vector) {
        var shape = new ArrayList<Long>();
        shape.add(-1L);
        for (int d = 2; d < node.rank(0); d++) shape.add(1L);
        return node.apply(new Reshape(), vector, node.vector(shape));
    }

    private static Value selu(Translation node) {
        if (node.opset() < 6) node.ignore("consumed_inputs");
        float alpha = node.real("alpha", node.opset() < 6 ? 1.6732f : 1.6732632f);
        float gamma = node.real("gamma", node.opset() < 6 ? 1.0507f : 1.050701f);
        var x = node.input(0);
        return node.mul(node.like(x, gamma), node.apply(new Elu(alpha), x));
    }

    private static Value shrink(Translation node) {
        var x = node.input(0);
        var bias = node.like(x, node.real("bias", 0));
        float lambda = node.real("lambd", 0.5f);
        var above = node.apply(new Greater(), x, node.like(x, lambda));
        var below = node.apply(new Less(), x, node.like(x, -lambda));
        var inside = node.apply(new Where(), below, node.add(x, bias), node.like(x, 0));
        return node.apply(new Where(), above, node.sub(x, bias), inside);
    }

    private static Value swish(Translation node) {
        return swish(node, node.input(0));
    }

    /// {@return `x · sigmoid(α·x)`}
    private static Value swish(Translation node, Value x) {
        var scaled = node.mul(node.like(x, node.real("alpha", 1)), x);
        return node.mul(x, node.apply(new Sigmoid(), scaled));
    }

    private static Value swiGlu(Translation node) {
        if (!node.shape(0).equals(node.shape(1)))
            throw node.wrong("B", "the shape of A, " + node.shape(0), node.type(1));
        return node.mul(swish(node, node.input(0)), node.input(1));
    }
}
