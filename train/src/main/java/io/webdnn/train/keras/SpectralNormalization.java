package io.webdnn.train.keras;

import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.Where;
import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A layer whose kernel is divided by its largest singular value before each step of training, so
/// that the layer stretches no distance: `W ← W / σ`, W being the kernel as a matrix `[…, out]`.
///
/// σ is estimated by power iteration from a vector that is kept: `v = unit(u·Wᵀ)`, `u ← unit(v·W)`,
/// `σ = v·W·uᵀ`. No gradient goes through the estimate.
///
/// ```java
/// new SpectralNormalization(new Conv2D(16, 3))
/// ```
///
/// Weights: those of the layer, then `vector_u` `[1, out]`. Source: Miyato, Kataoka, Koyama,
/// Yoshida 2018; Keras 2.13.
public final class SpectralNormalization extends FluentLayer<SpectralNormalization> {
    private static final double LEAST_SQUARE = 1e-12; // of a norm that is divided by

    private final WeightedLayer<?> layer;
    private final WeightRole role =
            new WeightRole("vector_u", "vector_u", WeightInitializer.truncatedNormal(0, 0.02));
    private int iterations = 1;
    private @Nullable Parameter vector;

    /// @param layer one with a single kernel: a dense or a convolutional one
    public SpectralNormalization(WeightedLayer<?> layer) {
        if (layer.isBuilt()) throw wrong("layer", "one that is not yet part of a model", layer);
        if (!layer.kernelName().equals("kernel") || layer instanceof RecurrentCell)
            throw wrong("layer", "one with a single kernel", layer);
        var name = layer.chosenName().isEmpty() ? layer.automaticName() : layer.chosenName();
        this.layer = link(name, layer);
    }

    /// Sets how often the estimate is made better at each step: once at first.
    public SpectralNormalization powerIterations(int times) {
        expectNotBuilt("power iterations");
        iterations = positive("power iterations", times);
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        return layer.outputShape(input);
    }

    @Override
    void build(int[] input) {
        layer.connect(List.of(input));
        int[] shape = layer.weights().getFirst().fileShape();
        vector = make(role, false, List.of(), 1, shape[shape.length - 1]);
    }

    @Override
    List<Weight> weights() {
        var weights = new ArrayList<>(layer.weights());
        weights.addAll(super.weights());
        return weights;
    }

    @Override
    Signal apply(Signal x) {
        if (!Configuration.isTraining()) return layer.apply(x);
        layer.useAsKernel(normalized());
        try {
            return layer.apply(x);
        } finally {
            layer.useAsKernel(null);
        }
    }

    /// {@return the kernel divided by its largest singular value, which is what it was at the
    /// update to come: the optimizer's step goes from there}
    private Variable normalized() {
        var weight = layer.weights().getFirst();
        var kernel = weight.parameter();
        Variable change;
        try (var _ = Configuration.backprop(false)) {
            var matrix = matrix(weight);
            var turned = F.transpose(matrix, 1, 0);
            var u = (Variable) Objects.requireNonNull(vector);
            var v = u;
            for (int i = 0; i < iterations; i++) {
                v = unit(F.matmul(u, turned));
                u = unit(F.matmul(v, matrix));
            }
            var sigma = F.sum(F.matmul(v, matrix).times(u));
            var isThere = F.apply(new Greater(), sigma, Variable.scalar(0));
            var divisor = F.apply(new Where(), isThere, sigma, Variable.scalar(1));
            var next = F.apply(new Where(), isThere, u, Objects.requireNonNull(vector));
            Objects.requireNonNull(vector).becomes(next);
            change = kernel.dividedBy(divisor).minus(kernel);
        }
        var limit = weight.role().constraint();
        kernel.constrain(updated -> {
            var moved = updated.plus(change);
            return limit == null ? moved : limit.apply(moved, weight.order());
        });
        return kernel.plus(change);
    }

    /// {@return the kernel as Keras sees it, all axes but the last taken for rows}
    private static Variable matrix(Weight weight) {
        Variable kernel = weight.parameter();
        if (!weight.order().isEmpty())
            kernel =
                    F.transpose(
                            kernel, weight.order().stream().mapToInt(Integer::intValue).toArray());
        int columns = kernel.size(kernel.shape().rank() - 1);
        return F.reshape(kernel, -1, columns);
    }

    private static Variable unit(Variable row) {
        var square = F.sum(row.times(row));
        return row.dividedBy(F.sqrt(F.apply(new Clip(), square, Variable.scalar(LEAST_SQUARE))));
    }

    @Override
    @Nullable Regularizer activityRegularizer() {
        return layer.activityRegularizer();
    }

    @Override
    Masks masks() {
        return layer.masks();
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("layer", layer.described());
        config.put("power_iterations", iterations);
    }

    @Override
    void read(Settings settings) {
        powerIterations(settings.integer("power_iterations", 1));
    }
}
