package io.webdnn.train.keras;

import io.webdnn.graph.op.ReduceMean;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.function.ReductionFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The channels of each group, with all their places, brought to mean 0 and variance 1, then scaled
/// and shifted: `(x − μ) / √(σ² + ε) · gamma + beta`.
///
/// Weights: `gamma`, `beta`, each `[C]`. Source: Wu, He 2018.
public final class GroupNormalization extends IdentityShape<GroupNormalization> {
    private final WeightRole gammaRole = new WeightRole("gamma", "gamma", WeightInitializer.ONES);
    private final WeightRole betaRole = new WeightRole("beta", "beta", WeightInitializer.ZEROS);
    private final int groups;
    private double epsilon = 1e-3;
    private @Nullable Parameter gamma;
    private @Nullable Parameter beta;

    /// @param groups their number, −1 for one of each channel
    public GroupNormalization(int groups) {
        if (groups < 1 && groups != -1) throw wrong("groups", ">= 1, or -1", groups);
        this.groups = groups;
    }

    /// Sets what keeps the division from zero.
    public GroupNormalization epsilon(double number) {
        expectNotBuilt("epsilon");
        if (!(number > 0)) throw wrong("epsilon", "> 0", number);
        epsilon = number;
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        int channels = input[input.length - 1];
        if (groups > 0 && channels % groups != 0)
            throw wrong("groups", "a divisor of " + channels + " channels", groups);
        return input;
    }

    @Override
    void build(int[] input) {
        int channels = input[input.length - 1];
        gamma = make(gammaRole, List.of(), channels);
        beta = make(betaRole, List.of(), channels);
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        int[] shape = value.shape().toInts();
        int channels = shape[shape.length - 1];
        int count = groups < 0 ? channels : groups;
        int places = Arrays.stream(shape, 1, shape.length - 1).reduce(1, Math::multiplyExact);
        var grouped = F.reshape(value, -1, places, count, channels / count);
        var mean = new ReductionFunction("Mean", new ReduceMean(true, false), List.of(1, 3));
        var from = grouped.minus(F.apply(mean, name(), grouped));
        var variance = F.apply(mean, name(), from.times(from));
        shape[0] = -1; // the batch may have any size
        var even = F.reshape(from.dividedBy(F.sqrt(variance.plus(epsilon))), shape);
        return Signal.of(
                even.times(Objects.requireNonNull(gamma)).plus(Objects.requireNonNull(beta)));
    }

    @Override
    Masks masks() {
        return Masks.REFUSED; // hidden steps would count
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("groups", groups);
        config.put("axis", -1);
        config.put("epsilon", epsilon);
        config.put("center", true);
        config.put("scale", true);
        WeightRole.describe(List.of(betaRole, gammaRole), null, config);
        config.remove("activity_regularizer");
    }

    @Override
    void read(Settings settings) {
        epsilon(settings.real("epsilon", 1e-3));
        if (settings.integer("axis", -1) != -1)
            throw settings.wrong("axis", "-1", settings.integer("axis"));
        for (var key : List.of("center", "scale"))
            if (!settings.flag(key, true)) throw settings.wrong(key, "true", false);
        gammaRole.read(settings);
        betaRole.read(settings);
    }
}
