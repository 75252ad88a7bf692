package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Gelu;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Tanh;
import io.webdnn.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Keras's activation functions by their names.
final class Activations {
    private static final double SELU_ALPHA = 1.6732632423543772;
    private static final double SELU_SCALE = 1.0507009873554805;

    private Activations() {}

    /// {@return x after the activation that an attribute names; x itself where it names none}
    static Value apply(LayerCall call, String key, Value x) {
        var name = call.config().text(key, "linear");
        var single = elementwise(name, call.version());
        if (single instanceof Identity) return x;
        if (single != null) return call.apply(single, x);
        return switch (name) {
            case "softmax" -> call.apply(new Softmax(-1), x);
            case "log_softmax" -> call.apply(new LogSoftmax(-1), x);
            case "softsign" ->
                    Value.of(
                            call.div(
                                    x,
                                    call.add(
                                            call.scalar(DType.FLOAT32, 1),
                                            call.apply(new Abs(), x))));
            case "selu" ->
                    Value.of(
                            call.mul(
                                    call.scalar(DType.FLOAT32, SELU_SCALE),
                                    call.apply(new Elu((float) SELU_ALPHA), x)));
            case "swish", "silu" -> Value.of(call.mul(x, call.apply(new Sigmoid(), x)));
            case "mish" ->
                    Value.of(call.mul(x, call.apply(new Tanh(), call.apply(new Softplus(), x))));
            case "relu6" ->
                    call.apply(
                            new Clip(),
                            x,
                            call.scalar(DType.FLOAT32, 0),
                            call.scalar(DType.FLOAT32, 6));
            default -> throw call.wrong(key, "an activation function of Keras", "'" + name + "'");
        };
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
            default -> null;
        };
    }
}
