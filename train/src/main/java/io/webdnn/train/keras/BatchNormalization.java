package io.webdnn.train.keras;

import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Each channel with mean 0 and variance 1, then scaled and shifted: `(x − μ) / √(σ² + ε) · gamma +
/// beta`, channels being on the last axis.
///
/// In training μ and σ² are those of the batch (σ² divided by the count), and the averages that are
/// used otherwise move a share `1 − momentum` of the way to them.
///
/// Weights: `gamma`, `beta`, `moving_mean`, `moving_variance`, each `[C]`.
///
/// Source: Ioffe, Szegedy 2015; Keras 2.0.
public final class BatchNormalization extends FluentLayer<BatchNormalization> {
    private final WeightRole gammaRole = new WeightRole("gamma", "gamma", WeightInitializer.ONES);
    private final WeightRole betaRole = new WeightRole("beta", "beta", WeightInitializer.ZEROS);
    private final WeightRole meanRole =
            new WeightRole("moving_mean", "moving_mean", WeightInitializer.ZEROS);
    private final WeightRole varianceRole =
            new WeightRole("moving_variance", "moving_variance", WeightInitializer.ONES);
    private double momentum = 0.99;
    private double epsilon = 1e-3;
    private boolean center = true;
    private boolean scale = true;
    private @Nullable Parameter gamma;
    private @Nullable Parameter beta;
    private @Nullable Parameter movingMean;
    private @Nullable Parameter movingVariance;

    /// A momentum of 0.99, ε = 0.001.
    public BatchNormalization() {}

    /// Sets how slowly the averages move.
    public BatchNormalization momentum(double share) {
        expectNotBuilt("momentum");
        if (!(share >= 0 && share <= 1)) throw wrong("momentum", "0 <= momentum <= 1", share);
        momentum = share;
        return this;
    }

    /// Sets what keeps the division from zero.
    public BatchNormalization epsilon(double number) {
        expectNotBuilt("epsilon");
        if (!(number > 0)) throw wrong("epsilon", "> 0", number);
        epsilon = number;
        return this;
    }

    /// Sets whether `beta` is added; it is at first.
    public BatchNormalization center(boolean whether) {
        expectNotBuilt("center");
        center = whether;
        return this;
    }

    /// Sets whether it is multiplied by `gamma`; it is at first.
    public BatchNormalization scale(boolean whether) {
        expectNotBuilt("scale");
        scale = whether;
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        if (input.length == 0) throw wrong("input", "[..., channels]", Arrays.toString(input));
        if (isBuilt() && mean().size(0) != input[input.length - 1])
            throw wrong("input", mean().size(0) + " channels", Arrays.toString(input));
        return input;
    }

    private Parameter mean() {
        return Objects.requireNonNull(movingMean);
    }

    @Override
    void build(int[] input) {
        int channels = input[input.length - 1];
        if (scale) gamma = make(gammaRole, List.of(), channels);
        if (center) beta = make(betaRole, List.of(), channels);
        movingMean = make(meanRole, false, List.of(), channels);
        movingVariance = make(varianceRole, false, List.of(), channels);
    }

    @Override
    Signal apply(Signal x) {
        int rank = x.value().shape().rank();
        int axis = x.channelAxis();
        int[] along = new int[rank];
        Arrays.fill(along, 1);
        along[axis] = x.value().size(axis);
        var variance = Objects.requireNonNull(movingVariance);
        Variable mu = mean();
        Variable sigma = variance;
        var centred = x.value().minus(F.reshape(mu, along));
        // what is not trained is used as it stands
        if (Configuration.isTraining() && isTrainable()) {
            var others = new ArrayList<Integer>();
            for (int d = 0; d < rank; d++) if (d != axis) others.add(d);
            int[] axes = others.stream().mapToInt(Integer::intValue).toArray();
            mu = F.mean(x.value(), axes);
            centred = x.value().minus(F.reshape(mu, along));
            sigma = F.mean(centred.times(centred), axes);
            mean().becomes(moved(mean(), mu));
            variance.becomes(moved(variance, sigma));
        }
        var y = centred.dividedBy(F.sqrt(F.reshape(sigma, along).plus(epsilon)));
        if (gamma != null) y = y.times(F.reshape(gamma, along));
        if (beta != null) y = y.plus(F.reshape(beta, along));
        return new Signal(y, x.channelsFirst());
    }

    private Variable moved(Variable average, Variable now) {
        return average.times(momentum).plus(now.times(1 - momentum));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", -1);
        config.put("momentum", momentum);
        config.put("epsilon", epsilon);
        config.put("center", center);
        config.put("scale", scale);
        config.put("beta_initializer", betaRole.initializer().describe());
        config.put("gamma_initializer", gammaRole.initializer().describe());
        config.put("moving_mean_initializer", meanRole.initializer().describe());
        config.put("moving_variance_initializer", varianceRole.initializer().describe());
        for (var role : List.of(betaRole, gammaRole)) {
            var it = role.regularizer();
            config.put(role.name() + "_regularizer", it == null ? null : it.describe());
        }
        for (var role : List.of(betaRole, gammaRole)) {
            var it = role.constraint();
            config.put(role.name() + "_constraint", it == null ? null : it.describe());
        }
    }

    @Override
    void read(Settings settings) {
        momentum(settings.real("momentum", 0.99));
        epsilon(settings.real("epsilon", 1e-3));
        center(settings.flag("center", true));
        scale(settings.flag("scale", true));
        if (settings.has("axis")) {
            int axis = settings.integers("axis")[0];
            var input = declaredInput();
            if (axis != -1 && !(input != null && axis == input.length) && axis != 3)
                throw settings.wrong("axis", "-1, the last one", axis);
        }
        for (var role : List.of(betaRole, gammaRole, meanRole, varianceRole)) role.read(settings);
    }

    @Override
    Masks masks() {
        return Masks.HANDED_ON;
    }
}
