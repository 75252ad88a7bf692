package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.QuickGelu;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Tanh;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Operators of the domain `com.microsoft`, which ONNX Runtime leaves in models that it saves after
/// optimizing them.
///
/// Source: ONNX Runtime, ContribOperators.md.
final class MicrosoftOperators {
    static final String DOMAIN = "com.microsoft";

    static final Map<String, Operator> TABLE =
            Map.of(
                    "FusedConv", single(MicrosoftOperators::fusedConv),
                    "QuickGelu", single(MicrosoftOperators::quickGelu));

    private MicrosoftOperators() {}

    /// A convolution, then what is added to it, then an activation.
    private static Value fusedConv(Translation node) {
        var inputs = node.inputs();
        var y = WindowOperators.conv(node, inputs.subList(0, Math.min(3, inputs.size())));
        if (node.has(3)) y = node.add(y, node.input(3));
        return activated(node, y);
    }

    private static Value quickGelu(Translation node) {
        return node.apply(new QuickGelu(node.real("alpha", 1.702f)), node.input(0));
    }

    private static Value activated(Translation node, Value x) {
        var activation = node.text("activation", "");
        return switch (activation) {
            case "" -> x;
            case "Relu" -> node.apply(new Relu(), x);
            case "Sigmoid" -> node.apply(new Sigmoid(), x);
            case "Tanh" -> node.apply(new Tanh(), x);
            case "LeakyRelu" -> node.apply(new LeakyRelu(parameters(node, 1).getFirst()), x);
            case "HardSigmoid" -> {
                var of = parameters(node, 2);
                yield node.apply(new HardSigmoid(of.getFirst(), of.getLast()), x);
            }
            case "Clip" -> {
                var of = parameters(node, 2);
                yield node.apply(
                        new Clip(), x, node.like(x, of.getFirst()), node.like(x, of.getLast()));
            }
            default ->
                    throw node.wrong(
                            "activation",
                            "Relu, Sigmoid, Tanh, LeakyRelu, HardSigmoid or Clip",
                            activation);
        };
    }

    private static List<Float> parameters(Translation node, int count) {
        var given = node.reals("activation_params");
        if (given == null || given.size() != count)
            throw node.wrong(
                    "activation_params", count + " floats", given == null ? "none" : given);
        return new ArrayList<>(given);
    }
}
