package io.webdnn.train.keras;

import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A layer with kernels, a bias and an activation.
///
/// @param <S> the kind of layer
public abstract class WeightedLayer<S extends WeightedLayer<S>> extends FluentLayer<S> {
    private final WeightRole kernelRole;
    private final WeightRole biasRole = new WeightRole("bias", "bias", WeightInitializer.ZEROS);
    private ActivationFunction activation = ActivationFunction.LINEAR;
    private boolean useBias = true;
    private @Nullable Regularizer activityRegularizer;
    private @Nullable Parameter kernel;
    private @Nullable Variable substitute;
    private @Nullable Parameter bias;

    WeightedLayer() {
        this("kernel", "kernel");
    }

    /// @param name the kernel's in files
    /// @param prefix that of its settings in files
    WeightedLayer(String name, String prefix) {
        kernelRole = new WeightRole(name, prefix, WeightInitializer.GLOROT_UNIFORM);
    }

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
        return kernelInitializer(WeightInitializer.of(toString(), "kernel initializer", name));
    }

    /// Sets what the kernel is drawn by.
    public final S kernelInitializer(WeightInitializer initializer) {
        expectNotBuilt("kernel initializer");
        kernelRole.initializer(initializer);
        return self();
    }

    /// Sets what the bias is drawn by: `zeros` at first.
    public final S biasInitializer(String name) {
        return biasInitializer(WeightInitializer.of(toString(), "bias initializer", name));
    }

    /// Sets what the bias is drawn by.
    public final S biasInitializer(WeightInitializer initializer) {
        expectNotBuilt("bias initializer");
        biasRole.initializer(initializer);
        return self();
    }

    /// Sets what the kernel costs: nothing at first.
    public final S kernelRegularizer(Regularizer regularizer) {
        expectNotBuilt("kernel regularizer");
        kernelRole.regularizer(regularizer);
        return self();
    }

    /// Sets what the bias costs: nothing at first.
    public final S biasRegularizer(Regularizer regularizer) {
        expectNotBuilt("bias regularizer");
        biasRole.regularizer(regularizer);
        return self();
    }

    /// Sets what the result costs: nothing at first.
    public final S activityRegularizer(Regularizer regularizer) {
        expectNotBuilt("activity regularizer");
        activityRegularizer = regularizer;
        return self();
    }

    /// Sets what the kernel is brought back to after each update.
    public final S kernelConstraint(Constraint constraint) {
        expectNotBuilt("kernel constraint");
        kernelRole.constraint(constraint);
        return self();
    }

    /// Sets what the bias is brought back to after each update.
    public final S biasConstraint(Constraint constraint) {
        expectNotBuilt("bias constraint");
        biasRole.constraint(constraint);
        return self();
    }

    @Override
    final @Nullable Regularizer activityRegularizer() {
        return activityRegularizer;
    }

    /// Makes the kernel.
    ///
    /// @param order where axes of Keras's array stand in the parameter
    final void makeKernel(List<Integer> order, int... fileShape) {
        kernel = make(kernelRole, order, fileShape);
    }

    /// Makes the bias, if there is one.
    final void makeBias(int... shape) {
        if (useBias) bias = make(biasRole, List.of(), shape);
    }

    /// {@return the kernel, or what stands in its place for now}
    final Variable kernel() {
        return substitute == null ? Objects.requireNonNull(kernel) : substitute;
    }

    /// Lets something be used in the place of the kernel.
    ///
    /// @param other null for the kernel itself
    final void useAsKernel(@Nullable Variable other) {
        substitute = other;
    }

    /// {@return the kernel's name in files}
    final String kernelName() {
        return kernelRole.name();
    }

    final @Nullable Parameter bias() {
        return bias;
    }

    /// {@return inputs of a function that may take a bias}
    final Variable[] withBias(Variable x, Variable weights) {
        return bias == null ? new Variable[] {x, weights} : new Variable[] {x, weights, bias};
    }

    final ActivationFunction activationFunction() {
        return activation;
    }

    final Signal activated(Signal y) {
        return activation.apply(y);
    }

    /// {@return what files say of, in their order}
    List<WeightRole> roles() {
        return List.of(kernelRole, biasRole);
    }

    /// Adds what all these layers say, in the order in which Keras says it.
    final void describeWeights(Map<String, @Nullable Object> config) {
        config.put("activation", activation.keras());
        config.put("use_bias", useBias);
        WeightRole.describe(roles(), activityRegularizer, config);
    }

    @Override
    void read(Settings settings) {
        activation(settings.text("activation", activation.keras()));
        useBias(settings.flag("use_bias", true));
        for (var role : roles()) role.read(settings);
        var cost = settings.inner("activity_regularizer");
        if (cost != null) activityRegularizer = Regularizer.read(cost);
    }
}
