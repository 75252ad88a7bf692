package io.webdnn.train.keras;

import io.webdnn.train.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A layer with a kernel, a bias and an activation.
///
/// @param <S> the kind of layer
public abstract class WeightedLayer<S extends WeightedLayer<S>> extends FluentLayer<S> {
    private ActivationFunction activation = ActivationFunction.LINEAR;
    private boolean useBias = true;
    private WeightInitializer kernelInitializer = WeightInitializer.GLOROT_UNIFORM;
    private WeightInitializer biasInitializer = WeightInitializer.ZEROS;
    private @Nullable Parameter kernel;
    private @Nullable Parameter bias;

    WeightedLayer() {}

    /// Sets what is applied to the result: `relu`, `softmax`, … Nothing at first (`linear`).
    public final S activation(String name) {
        expectNotBuilt("activation");
        activation = ActivationFunction.of(toString(), name);
        return self();
    }

    /// Sets whether a bias is added; it is at first.
    public final S useBias(boolean whether) {
        expectNotBuilt("use bias");
        useBias = whether;
        return self();
    }

    /// Sets what the kernel is drawn by: `glorot_uniform` at first.
    public final S kernelInitializer(String name) {
        expectNotBuilt("kernel initializer");
        kernelInitializer = WeightInitializer.of(toString(), "kernel initializer", name);
        return self();
    }

    /// Sets what the bias is drawn by: `zeros` at first.
    public final S biasInitializer(String name) {
        expectNotBuilt("bias initializer");
        biasInitializer = WeightInitializer.of(toString(), "bias initializer", name);
        return self();
    }

    /// Makes the kernel, `[out, in, …]`, and the bias, `[out]`.
    final void makeWeights(int... kernelShape) {
        kernel = parameter("kernel", kernelInitializer.initializer(), kernelShape);
        kernel.initialize(kernelShape);
        if (!useBias) return;
        bias = parameter("bias", biasInitializer.initializer(), kernelShape[0]);
        bias.initialize(kernelShape[0]);
    }

    final Parameter kernel() {
        return Objects.requireNonNull(kernel);
    }

    final @Nullable Parameter bias() {
        return bias;
    }

    final ActivationFunction activation() {
        return activation;
    }

    /// {@return where the kernel's axes stand in Keras's files}
    abstract Integer[] kernelOrder();

    @Override
    final List<Weight> weights() {
        var weights = new ArrayList<Weight>();
        if (kernel != null) weights.add(Weight.turned("kernel", kernel, kernelOrder()));
        if (bias != null) weights.add(Weight.plain("bias", bias));
        return weights;
    }

    /// Adds what all these layers say, in the order in which Keras says it.
    final void describeWeights(Map<String, @Nullable Object> config) {
        config.put("activation", activation.keras());
        config.put("use_bias", useBias);
        config.put("kernel_initializer", kernelInitializer.describe());
        config.put("bias_initializer", biasInitializer.describe());
        config.put("kernel_regularizer", null);
        config.put("bias_regularizer", null);
        config.put("activity_regularizer", null);
        config.put("kernel_constraint", null);
        config.put("bias_constraint", null);
    }
}
