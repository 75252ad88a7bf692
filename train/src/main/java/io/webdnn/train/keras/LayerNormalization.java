package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The numbers of each place with mean 0 and variance 1 over the last axis, then scaled and
/// shifted: `(x − μ) / √(σ² + ε) · gamma + beta`.
///
/// Weights: `gamma`, `beta`, each `[C]`. Source: Ba, Kiros, Hinton 2016; Keras 2.4.
public final class LayerNormalization extends IdentityShape<LayerNormalization> {
    private final WeightRole gammaRole = new WeightRole("gamma", "gamma", WeightInitializer.ONES);
    private final WeightRole betaRole = new WeightRole("beta", "beta", WeightInitializer.ZEROS);
    private double epsilon = 1e-3;
    private @Nullable Parameter gamma;
    private @Nullable Parameter beta;

    /// ε = 0.001.
    public LayerNormalization() {}

    /// Sets what keeps the division from zero.
    public LayerNormalization epsilon(double number) {
        expectNotBuilt("epsilon");
        if (!(number > 0)) throw wrong("epsilon", "> 0", number);
        epsilon = number;
        return this;
    }

    @Override
    void build(int[] input) {
        int channels = input[input.length - 1];
        gamma = make(gammaRole, List.of(), channels);
        beta = make(betaRole, List.of(), channels);
    }

    @Override
    Signal apply(Signal x) {
        var operator = new io.webdnn.graph.op.LayerNormalization(-1, (float) epsilon);
        return Signal.of(
                F.apply(
                        operator,
                        x.channelsLast(),
                        Objects.requireNonNull(gamma),
                        Objects.requireNonNull(beta)));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", List.of(-1));
        config.put("epsilon", epsilon);
        config.put("center", true);
        config.put("scale", true);
        WeightRole.describe(List.of(betaRole, gammaRole), null, config);
        config.remove("activity_regularizer");
    }

    @Override
    void read(Settings settings) {
        epsilon(settings.real("epsilon", 1e-3));
        for (var key : List.of("center", "scale"))
            if (!settings.flag(key, true)) throw settings.wrong(key, "true", false);
        gammaRole.read(settings);
        betaRole.read(settings);
    }
}
