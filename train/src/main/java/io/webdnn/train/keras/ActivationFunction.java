package io.webdnn.train.keras;

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
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Tanh;
import io.webdnn.train.F;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a layer does to its result, under Keras's names.
enum ActivationFunction {
    LINEAR,
    RELU,
    SIGMOID,
    TANH,
    SOFTMAX,
    ELU,
    SELU,
    SOFTPLUS,
    SOFTSIGN,
    HARD_SIGMOID,
    EXPONENTIAL,
    GELU,
    SILU,
    SWISH,
    MISH,
    RELU6,
    LEAKY_RELU,
    LOG_SOFTMAX;

    // Klambauer et al. 2017, as Keras rounds them
    private static final double SELU_SCALE = 1.0507009873554805;
    private static final float SELU_ALPHA = 1.6732632f;

    private static final float LEAK = 0.2f; // Keras's slope below 0

    /// {@return the activation of that name}
    static ActivationFunction of(String layer, String name) {
        for (var known : values()) if (known.keras().equals(name)) return known;
        throw TrainingException.of(
                layer,
                "activation",
                "one of "
                        + Arrays.stream(values())
                                .map(ActivationFunction::keras)
                                .collect(Collectors.joining(", ")),
                name);
    }

    /// {@return the name that files have}
    String keras() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// {@return the activation as an operator, null if it looks at more than one number}
    @Nullable Elementwise elementwise() {
        return switch (this) {
            case LINEAR -> new Identity();
            case RELU -> new Relu();
            case SIGMOID -> new Sigmoid();
            case TANH -> new Tanh();
            case ELU -> new Elu(1);
            case SOFTPLUS -> new Softplus();
            case HARD_SIGMOID -> new HardSigmoid(0.2f, 0.5f);
            case EXPONENTIAL -> new Exp();
            case GELU -> new Gelu(false);
            case LEAKY_RELU -> new LeakyRelu(LEAK);
            case SOFTMAX, SELU, SOFTSIGN, SILU, SWISH, MISH, RELU6, LOG_SOFTMAX -> null;
        };
    }

    Signal apply(Signal x) {
        return switch (this) {
            case LINEAR -> x;
            case RELU -> x.map(F::relu);
            case SIGMOID -> x.map(F::sigmoid);
            case TANH -> x.map(F::tanh);
            case SOFTMAX -> x.map(value -> F.softmax(value, x.channelAxis()));
            case ELU -> x.map(value -> F.apply(new Elu(1), value));
            case SELU -> x.map(value -> F.apply(new Elu(SELU_ALPHA), value).times(SELU_SCALE));
            case SOFTPLUS -> x.map(value -> F.apply(new Softplus(), value));
            case SOFTSIGN -> x.map(ActivationFunction::softsign);
            case HARD_SIGMOID -> x.map(value -> F.apply(new HardSigmoid(0.2f, 0.5f), value));
            case EXPONENTIAL -> x.map(F::exp);
            case GELU -> x.map(value -> F.apply(new Gelu(false), value));
            case LEAKY_RELU -> x.map(value -> F.apply(new LeakyRelu(LEAK), value));
            case SILU, SWISH -> x.map(value -> value.times(F.sigmoid(value)));
            case MISH -> x.map(value -> value.times(F.tanh(F.apply(new Softplus(), value))));
            case RELU6 ->
                    x.map(value ->
                            F.apply(new Clip(), value, Variable.scalar(0), Variable.scalar(6)));
            case LOG_SOFTMAX -> x.map(value -> F.apply(new LogSoftmax(x.channelAxis()), value));
        };
    }

    private static Variable softsign(Variable x) {
        return x.dividedBy(F.apply(new Abs(), x).plus(1));
    }
}
