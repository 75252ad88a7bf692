package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Gelu;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.QuickGelu;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Transpose;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// Operators of the domain `com.microsoft`, which ONNX Runtime leaves in models that it saves after
/// optimizing them: activations and products.
///
/// Source: ONNX Runtime, ContribOperators.md.
final class MicrosoftOperators {
    static final String DOMAIN = "com.microsoft";

    static final Map<String, Operator> TABLE = table();

    private MicrosoftOperators() {}

    private static Map<String, Operator> table() {
        var table = new HashMap<String, Operator>();
        table.put("BiasGelu", single(n -> n.apply(new Gelu(false), biased(n))));
        table.put("FastGelu", single(n -> n.apply(new Gelu(true), biased(n))));
        table.put("FusedConv", single(MicrosoftOperators::fusedConv));
        table.put("FusedGemm", single(MicrosoftOperators::fusedGemm));
        table.put("FusedMatMul", single(MicrosoftOperators::fusedMatMul));
        table.put("Gelu", single(n -> n.apply(new Gelu(false), n.input(0))));
        table.put("QuickGelu", single(MicrosoftOperators::quickGelu));
        table.put("TransposeMatMul", single(MicrosoftOperators::fusedMatMul));
        MicrosoftAttention.addTo(table);
        MicrosoftNormalizations.addTo(table);
        MicrosoftQuantization.addTo(table);
        return Map.copyOf(table);
    }

    /// {@return the first input plus the second, if that is given}
    private static Value biased(Translation node) {
        return node.has(1) ? node.add(node.input(0), node.input(1)) : node.input(0);
    }

    private static Value quickGelu(Translation node) {
        return node.apply(new QuickGelu(node.real("alpha", 1.702f)), node.input(0));
    }

    /// `α · A' · B'`, where A' and B' may be transposed.
    private static Value fusedMatMul(Translation node) {
        var product = node.apply(new MatMul(), factor(node, 0, "A"), factor(node, 1, "B"));
        float alpha = node.real("alpha", 1);
        return alpha == 1 ? product : node.mul(product, node.like(product, alpha));
    }

    /// {@return a factor as a batch of matrices: `transBatch` brings the first axis behind the
    /// others but the last, then `trans` exchanges the last two; a vector stays}
    private static Value factor(Translation node, int i, String name) {
        boolean batch = node.flag("transBatch" + name, false);
        boolean matrix = node.flag("trans" + name, false);
        int rank = node.rank(i);
        if (rank < 2 || !batch && !matrix) return node.input(i);
        var order = new ArrayList<Integer>();
        for (int d = batch ? 1 : 0; d < rank; d++) order.add(d);
        if (batch) order.add(rank - 2, 0);
        if (matrix) Collections.swap(order, rank - 2, rank - 1);
        return node.apply(new Transpose(order), node.input(i));
    }

    private static Value fusedGemm(Translation node) {
        var op =
                new Gemm(
                        node.real("alpha", 1),
                        node.real("beta", 1),
                        node.flag("transA", false),
                        node.flag("transB", false));
        var y = node.applyAll(op, node.inputs()).getFirst();
        return activated(
                node,
                y,
                count -> {
                    var names = List.of("activation_alpha", "activation_beta").subList(0, count);
                    var given = new ArrayList<Float>();
                    for (var name : names) {
                        if (!node.hasAttribute(name)) throw node.wrong(name, "a float", "none");
                        given.add(node.real(name, 0));
                    }
                    return given;
                });
    }

    /// A convolution, then what is added to it, then an activation.
    private static Value fusedConv(Translation node) {
        var inputs = node.inputs();
        var y = WindowOperators.conv(node, inputs.subList(0, Math.min(3, inputs.size())));
        if (node.has(3)) y = node.add(y, node.input(3));
        return activated(node, y, count -> parameters(node, count));
    }

    private static Value activated(Translation node, Value x, IntFunction<List<Float>> parameters) {
        var activation = node.text("activation", "");
        return switch (activation) {
            case "" -> x;
            case "Relu" -> node.apply(new Relu(), x);
            case "Sigmoid" -> node.apply(new Sigmoid(), x);
            case "Tanh" -> node.apply(new Tanh(), x);
            case "Softplus" -> node.apply(new Softplus(), x);
            case "Elu" -> node.apply(new Elu(parameters.apply(1).getFirst()), x);
            case "LeakyRelu" -> node.apply(new LeakyRelu(parameters.apply(1).getFirst()), x);
            case "HardSigmoid" -> {
                var of = parameters.apply(2);
                yield node.apply(new HardSigmoid(of.getFirst(), of.getLast()), x);
            }
            case "Clip" -> {
                var of = parameters.apply(2);
                yield node.apply(
                        new Clip(), x, node.like(x, of.getFirst()), node.like(x, of.getLast()));
            }
            default ->
                    throw node.wrong(
                            "activation",
                            "Relu, Sigmoid, Tanh, Softplus, Elu, LeakyRelu, HardSigmoid or Clip",
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
