package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Affine;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.CumProd;
import io.webdnn.graph.op.CumSum;
import io.webdnn.graph.op.Einsum;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.LSTM;
import io.webdnn.graph.op.LayerNormalization;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.LossReduction;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.NegativeLogLikelihoodLoss;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.ScaledTanh;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.SoftmaxCrossEntropyLoss;
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Softsign;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.ThresholdedRelu;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Products, normalizations, recurrences: what networks are made of.
final class NetworkOperators {
    private static final String ACTIVATIONS =
            "Sigmoid, Tanh, Relu, Softplus, Softsign, Elu, LeakyRelu, ThresholdedRelu, Affine,"
                    + " HardSigmoid, ScaledTanh";

    private NetworkOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("BatchNormalization", NetworkOperators::batchNormalization);
        table.put("CumProd", single(NetworkOperators::cumProd));
        table.put("CumSum", single(NetworkOperators::cumSum));
        table.put("Dropout", NetworkOperators::dropout);
        table.put("Einsum", single(NetworkOperators::einsum));
        table.put("Gemm", single(NetworkOperators::gemm));
        table.put("LayerNormalization", NetworkOperators::layerNormalization);
        table.put("LSTM", NetworkOperators::lstm);
        table.put("NegativeLogLikelihoodLoss", single(NetworkOperators::negativeLogLikelihood));
        table.put("SoftmaxCrossEntropyLoss", NetworkOperators::softmaxCrossEntropy);
        table.put("LogSoftmax", softmax(LogSoftmax::new));
        table.put("MatMul", single(n -> n.apply(new MatMul(), n.input(0), n.input(1))));
        table.put("Softmax", softmax(Softmax::new));
    }

    private static Value einsum(Translation node) {
        if (!node.hasAttribute("equation")) throw node.wrong("equation", "a string", "none");
        return node.applyAll(new Einsum(node.text("equation", "")), node.inputs()).getFirst();
    }

    private static Value gemm(Translation node) {
        if (node.opset() < 7) node.ignore("broadcast");
        var op =
                new Gemm(
                        node.real("alpha", 1),
                        node.real("beta", 1),
                        node.flag("transA", false),
                        node.flag("transB", false));
        return node.applyAll(op, node.inputs()).getFirst();
    }

    /// Before opset 13, the axes from `axis` on are one.
    private static Operator softmax(IntFunction<Op> of) {
        return single(node -> {
            long opset = node.opset();
            return softmax(node, of, node.input(0), opset, opset < 13 ? 1 : -1);
        });
    }

    /// @param opset that of ONNX which says what `axis` means
    /// @param otherwise the axis if none is given
    static Value softmax(Translation node, IntFunction<Op> of, Value x, long opset, int otherwise) {
        int rank = x.type().rank();
        int axis = node.axis("axis", otherwise);
        if (opset >= 13) return node.apply(of.apply(axis), x);
        if (axis == -1 || axis == rank - 1) return node.apply(of.apply(-1), x);
        var rows = node.apply(new Flatten(axis), x);
        return LayoutOperators.reshape(node, node.apply(of.apply(1), rows), x.type().shape());
    }

    /// Without training, the input as it is. With it, the mask is drawn here, once, from the node's
    /// seed, as ONNX's reference implementation draws it.
    private static List<Value> dropout(Translation node) {
        if (node.opset() < 7 && !node.flag("is_test", false))
            throw node.wrong("is_test", "1, as a trained network has it", 0);
        float ratio = node.real("ratio", 0.5f);
        if (node.has(1)) ratio = (float) node.known(1, "ratio").getDouble(0);
        boolean training = node.has(2) && node.known(2, "training_mode").getLong(0) != 0;
        boolean drops = training && ratio > 0;
        if (drops && !node.hasAttribute("seed"))
            throw node.wrong("seed", "one, for training_mode", "none");
        int seed = (int) node.integer("seed", 0);
        if (!drops && !node.wants(1)) return List.of(node.input(0));
        var kept = mask(node, drops ? ratio : 0, seed);
        // Before opset 10, the mask is of the dtype of what it masks.
        if (node.opset() < 10) return List.of(node.input(0), node.cast(kept, node.type(0).dtype()));
        if (!drops) return List.of(node.input(0), kept);
        var dtype = node.type(0).dtype();
        var scale = node.scalar(dtype, ratio < 1 ? 1 / (1 - ratio) : 0);
        var scaled = node.apply(new Mul(), node.input(0), scale);
        return List.of(node.apply(new Where(), kept, scaled, node.scalar(dtype, 0)), kept);
    }

    private static Value mask(Translation node, float ratio, int seed) {
        var shape = node.shape(0);
        if (!shape.isFixed()) throw node.wrong("mask", "a fixed shape", shape);
        var random = new MersenneTwister(seed);
        var extents = shape.dimensions().stream().mapToLong(Dimension::value).toArray();
        var mask = node.zeros("mask", DType.BOOL, extents);
        for (int i = 0; i < mask.size(); i++)
            mask.setLong(i, ratio == 0 || random.nextDouble() >= ratio ? 1 : 0);
        return node.constant(mask);
    }

    private static List<Value> batchNormalization(Translation node) {
        if (node.flag("training_mode", false))
            return NormalizationOperators.batchNormalizationInTraining(node);
        node.ignore("momentum");
        if (node.opset() < 7) {
            node.ignore("consumed_inputs");
            if (!node.flag("is_test", false)) throw node.wrong("is_test", "1", 0);
        }
        if (node.wants(1)) throw node.wrong("training_mode", "1 for more than one output", 0);
        var x = node.input(0);
        var dtype = x.type().dtype();
        var wide = dtype;
        for (int i = 1; i < 5; i++) if (node.type(i).dtype() != dtype) wide = DType.FLOAT32;
        if (wide != dtype && dtype == DType.FLOAT64) wide = dtype;
        var parameters = new ArrayList<Value>();
        for (int i = 1; i < 5; i++) parameters.add(node.cast(node.input(i), wide));
        x = node.cast(x, wide);
        if (node.opset() < 9 && !node.flag("spatial", true))
            return List.of(NormalizationOperators.eachNormalized(node, x, parameters));
        boolean isFlat = x.type().rank() == 1; // N rows of one channel
        parameters.addFirst(isFlat ? node.apply(new Unsqueeze(), x, node.vector(1)) : x);
        var op = new BatchNormalization(node.real("epsilon", 1e-5f));
        var y = node.applyAll(op, parameters).getFirst();
        if (isFlat) y = node.apply(new Squeeze(), y, node.vector(1));
        return List.of(node.cast(y, dtype));
    }

    private static Value cumProd(Translation node) {
        var op = new CumProd(node.flag("exclusive", false), node.flag("reverse", false));
        return node.apply(op, node.input(0), node.input(1));
    }

    private static Value cumSum(Translation node) {
        var op = new CumSum(node.flag("exclusive", false), node.flag("reverse", false));
        return node.apply(op, node.input(0), node.input(1));
    }

    private static List<Value> layerNormalization(Translation node) {
        var op = new LayerNormalization(node.axis("axis", -1), node.real("epsilon", 1e-5f));
        var stash = node.dtype("stash_type", DType.FLOAT32);
        if (!stash.isFloat()) throw node.wrong("stash_type", "a float", stash);
        var dtype = node.type(0).dtype();
        if (stash != DType.FLOAT64 || dtype == stash) {
            // Statistics are float32 at least: what is asked for may be narrower.
            var outputs = new ArrayList<>(node.applyAll(op, node.inputs()));
            for (int i = 1; i < outputs.size(); i++)
                if (node.wants(i)) outputs.set(i, node.cast(outputs.get(i), stash));
            return outputs;
        }
        var wide = node.inputs().stream().map(x -> node.cast(x, stash)).toList();
        var outputs = new ArrayList<>(node.applyAll(op, wide));
        outputs.set(0, node.cast(outputs.getFirst(), dtype));
        return outputs;
    }

    private static LossReduction reduction(Translation node) {
        return LossReduction.valueOf(
                node.choice("reduction", "mean", "sum", "none").toUpperCase(Locale.ROOT));
    }

    private static @Nullable Integer ignoreIndex(Translation node) {
        return node.hasAttribute("ignore_index")
                ? (Integer) Math.toIntExact(node.integer("ignore_index", 0))
                : null;
    }

    private static List<Value> softmaxCrossEntropy(Translation node) {
        var op = new SoftmaxCrossEntropyLoss(reduction(node), ignoreIndex(node), node.wants(1));
        return node.applyAll(op, node.inputs());
    }

    private static Value negativeLogLikelihood(Translation node) {
        var op = new NegativeLogLikelihoodLoss(reduction(node), ignoreIndex(node));
        return node.applyAll(op, node.inputs()).getFirst();
    }

    private static List<Value> lstm(Translation node) {
        var direction =
                LSTM.Direction.valueOf(
                        node.choice("direction", "forward", "reverse", "bidirectional")
                                .toUpperCase(Locale.ROOT));
        if (node.rank(2) != 3) throw node.wrong("R", "rank 3", node.type(2));
        int hidden = Math.toIntExact(node.integer("hidden_size", node.shape(2).get(2).value()));
        int directions = direction == LSTM.Direction.BIDIRECTIONAL ? 2 : 1;
        var op =
                new LSTM(
                        hidden,
                        direction,
                        activations(node, List.of("Sigmoid", "Tanh", "Tanh"), directions),
                        node.hasAttribute("clip") ? (Float) node.real("clip", 0) : null,
                        node.flag("input_forget", false),
                        node.flag("layout", false));
        var inputs = new ArrayList<>(node.inputs());
        for (int i = 5; i <= 6 && i < inputs.size(); i++)
            if (node.has(i)) inputs.set(i, RecurrentOperators.state(node, i));
        return node.applyAll(op, inputs);
    }

    /// {@return the activation functions of all directions; those with parameters take the next of
    /// `activation_alpha` and `activation_beta`}
    static List<Elementwise> activations(Translation node, List<String> defaults, int directions) {
        var names = node.texts("activations");
        var alphas = parameters(node.reals("activation_alpha"));
        var betas = parameters(node.reals("activation_beta"));
        var functions = new ArrayList<Elementwise>();
        for (int i = 0; i < directions * defaults.size(); i++) {
            var name = names == null ? defaults.get(i % defaults.size()) : at(node, names, i);
            functions.add(
                    switch (name.toLowerCase(Locale.ROOT)) {
                        case "sigmoid" -> new Sigmoid();
                        case "tanh" -> new Tanh();
                        case "relu" -> new Relu();
                        case "softplus" -> new Softplus();
                        case "softsign" -> new Softsign();
                        case "elu" -> new Elu(next(alphas, 1));
                        case "leakyrelu" -> new LeakyRelu(next(alphas, 0.01f));
                        case "thresholdedrelu" -> new ThresholdedRelu(next(alphas, 1));
                        case "affine" -> new Affine(next(alphas, 1), next(betas, 0));
                        case "hardsigmoid" ->
                                new HardSigmoid(next(alphas, 0.2f), next(betas, 0.5f));
                        case "scaledtanh" -> new ScaledTanh(next(alphas, 1), next(betas, 1));
                        default -> throw node.wrong("activations", "one of " + ACTIVATIONS, name);
                    });
        }
        return functions;
    }

    private static String at(Translation node, List<String> names, int i) {
        if (i < names.size()) return names.get(i);
        throw node.wrong("activations", "one for each gate and direction", names);
    }

    private static ArrayDeque<Float> parameters(@Nullable List<Float> given) {
        return given == null ? new ArrayDeque<>() : new ArrayDeque<>(given);
    }

    private static float next(ArrayDeque<Float> parameters, float otherwise) {
        var next = parameters.poll();
        return next == null ? otherwise : next;
    }
}
