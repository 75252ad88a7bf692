package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Gelu;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.GreaterOrEqual;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Tanh;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Keras's activation functions by their names.
final class Activations {
    private static final double SELU_ALPHA = 1.6732632423543772;
    private static final double SELU_SCALE = 1.0507009873554805;

    private Activations() {}

    /// {@return x after the activation that an attribute says; x itself where it says none}
    static Value apply(LayerCall call, String key, Value x) {
        if (call.config().get(key) instanceof Map<?, ?> map
                && map.get("config") instanceof Map<?, ?>) { // a layer in the place of a function
            var layer = call.config().inner(key);
            var none = new LayerWeights(List.of());
            var outputs =
                    Network.call(layer, List.of(x), CallArguments.none(), none, call.context());
            return outputs.getFirst();
        }
        var name = name(call.config(), key, "linear");
        var single = elementwise(name, call.version());
        if (single instanceof Identity) return x;
        if (single != null) return call.apply(single, x);
        return switch (name) {
            case "softmax" -> call.apply(new Softmax(-1), x);
            case "log_softmax" -> call.apply(new LogSoftmax(-1), x);
            case "glu" -> gated(call, key, x);
            case "sparsemax" -> sparsemax(call, x);
            default -> throw call.wrong(key, "an activation function of Keras", "'" + name + "'");
        };
    }

    /// {@return the name of a function, which Keras 3 may write as an object}
    static String name(LayerConfig config, String key, String otherwise) {
        return config.get(key) instanceof Map<?, ?> map && map.get("config") instanceof String name
                ? name
                : config.text(key, otherwise);
    }

    /// {@return the activation as a single operator, or null if it is none}
    static @Nullable Elementwise elementwise(String name, KerasVersion version) {
        return switch (name) {
            case "linear" -> new Identity();
            case "relu" -> new Relu();
            case "sigmoid" -> new Sigmoid();
            case "tanh" -> new Tanh();
            case "elu" -> new Elu(1);
            case "softplus" -> new Softplus();
            case "exponential" -> new Exp();
            case "gelu" -> new Gelu(false);
            case "leaky_relu" -> new LeakyRelu(0.2f);
            // Keras 3 took over PyTorch's slope.
            case "hard_sigmoid" -> new HardSigmoid(version.major() < 3 ? 0.2f : 1 / 6f, 0.5f);
            case "celu" -> new Elu(1);
            case "hard_silu", "hard_swish" ->
                    map(x -> x.times(within(x.times(of(1 / 6.0)).plus(of(0.5)), 0, 1)));
            case "hard_tanh" -> map(x -> within(x, -1, 1));
            case "hard_shrink" ->
                    map(x -> x.apply(Unary.Operator.ABS).lessOrEqual(of(0.5)).select(of(0), x));
            case "log_sigmoid" -> map(x -> negative(softplus(negative(x))));
            case "mish" -> map(x -> x.times(softplus(x).apply(Unary.Operator.TANH)));
            case "relu6" -> map(x -> within(x, 0, 6));
            case "selu" ->
                    map(x -> of(SELU_SCALE).times(new Elu((float) SELU_ALPHA).of(List.of(x))));
            case "silu", "swish" -> map(x -> x.times(new Sigmoid().of(List.of(x))));
            case "soft_shrink" -> map(x -> x.minus(within(x, -0.5, 0.5)));
            case "softsign" -> map(x -> x.dividedBy(of(1).plus(x.apply(Unary.Operator.ABS))));
            case "sparse_plus" -> map(Activations::sparsePlus);
            case "sparse_sigmoid" -> map(x -> within(x.plus(of(1)).times(of(0.5)), 0, 1));
            case "squareplus" ->
                    map(x ->
                            of(0.5).times(
                                            x.plus(
                                                    x.times(x)
                                                            .plus(of(4))
                                                            .apply(Unary.Operator.SQRT))));
            case "tanh_shrink" -> map(x -> x.minus(x.apply(Unary.Operator.TANH)));
            default -> null;
        };
    }

    static Elementwise map(UnaryOperator<Expr> function) {
        return io.webdnn.graph.op.Map.of(List.of(DType.FLOAT32), x -> function.apply(x.getFirst()));
    }

    private static Expr of(double value) {
        return Expr.of(DType.FLOAT32, value);
    }

    private static Expr within(Expr x, double least, double most) {
        return x.min(of(most)).max(of(least));
    }

    private static Expr negative(Expr x) {
        return x.apply(Unary.Operator.NEGATE);
    }

    private static Expr softplus(Expr x) {
        return new Softplus().of(List.of(x));
    }

    /// 0 up to −1, x from 1 on, a parabola between.
    private static Expr sparsePlus(Expr x) {
        var reach = x.plus(of(1));
        var between = of(0.25).times(reach).times(reach);
        return x.lessOrEqual(of(-1)).select(of(0), x.less(of(1)).select(between, x));
    }

    /// The first half of the last axis, times the logistic function of the second.
    private static Value gated(LayerCall call, String key, Value x) {
        int last = x.type().rank() - 1;
        int extent = call.fixed(x, last);
        if (extent % 2 != 0) throw call.wrong(key, "an even number of channels for glu", extent);
        var first = call.gather(x, last, IntStream.range(0, extent / 2).toArray());
        var second = call.gather(x, last, IntStream.range(extent / 2, extent).toArray());
        return Value.of(call.mul(first, call.apply(new Sigmoid(), second)));
    }

    /// The point of the simplex that is nearest to x, along the last axis: `max(x − τ, 0)`, whose
    /// sum is 1. An element x is above τ if `1 + k·x > s`, k and s being number and sum of the
    /// elements that are not less.
    ///
    /// Source: Martins, Astudillo 2016.
    private static Value sparsemax(LayerCall call, Value x) {
        int rank = x.type().rank();
        var last = call.vector(rank);
        var own = call.unsqueeze(x, rank);
        var others = call.unsqueeze(x, rank - 1);
        var notLess = number(call, call.apply(new GreaterOrEqual(), others, own));
        var count = call.apply(new ReduceSum(false), notLess, last);
        var sum = call.apply(new ReduceSum(false), call.mul(notLess, others), last);
        var reach = call.add(call.scalar(DType.FLOAT32, 1), call.mul(count, x));
        var above = number(call, call.apply(new Greater(), reach, sum));
        var along = call.vector(-1);
        var total = call.apply(new ReduceSum(true), call.mul(above, x), along);
        var size = call.apply(new ReduceSum(true), above, along);
        var tau = call.div(call.sub(total, call.scalar(DType.FLOAT32, 1)), size);
        return call.apply(new Relu(), call.sub(x, tau));
    }

    private static Value number(LayerCall call, Value flag) {
        return call.apply(new Cast(DType.FLOAT32), flag);
    }
}
