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
public final class BatchNormalization extends NormalizationLayer<BatchNormalization> {
    private final WeightRole meanRole =
            new WeightRole("moving_mean", "moving_mean", WeightInitializer.ZEROS);
    private final WeightRole varianceRole =
            new WeightRole("moving_variance", "moving_variance", WeightInitializer.ONES);
    private double momentum = 0.99;
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
        makeAffine(channels);
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
        var y = centred.dividedBy(F.sqrt(F.reshape(sigma, along).plus(epsilon())));
        return new Signal(affine(y, along), x.channelsFirst());
    }

    private Variable moved(Variable average, Variable now) {
        return average.times(momentum).plus(now.times(1 - momentum));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", -1);
        config.put("momentum", momentum);
        describeAffine(config);
        config.put("moving_mean_initializer", meanRole.initializer().describe());
        config.put("moving_variance_initializer", varianceRole.initializer().describe());
    }

    @Override
    void read(Settings settings) {
        momentum(settings.real("momentum", 0.99));
        if (settings.has("axis")) {
            int axis = settings.integers("axis")[0];
            var input = declaredInput();
            if (axis != -1 && !(input != null && axis == input.length) && axis != 3)
                throw settings.wrong("axis", "-1, the last one", axis);
        }
        meanRole.read(settings);
        varianceRole.read(settings);
        super.read(settings);
    }
}
