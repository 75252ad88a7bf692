package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The numbers of each place divided by the root of the mean of their squares over the last axis,
/// then scaled: `x / √(mean x² + ε) · scale`.
///
/// Weights: `scale` `[C]`. Source: Zhang, Sennrich 2019; Keras 3.
public final class RMSNormalization extends IdentityShape<RMSNormalization> {
    private final WeightRole role = new WeightRole("scale", "scale", WeightInitializer.ONES);
    private double epsilon = 1e-6;
    private @Nullable Parameter scale;

    /// ε = 0.000001.
    public RMSNormalization() {}

    /// Sets what keeps the division from zero.
    public RMSNormalization epsilon(double number) {
        expectNotBuilt("epsilon");
        if (!(number > 0)) throw wrong("epsilon", "> 0", number);
        epsilon = number;
        return this;
    }

    @Override
    void build(int[] input) {
        scale = make(role, List.of(), input[input.length - 1]);
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        var square = NormalizationLayer.meanOver(value.times(value), value.shape().rank() - 1);
        var even = value.dividedBy(F.sqrt(square.plus(epsilon)));
        return Signal.of(even.times(Objects.requireNonNull(scale)));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", -1);
        config.put("epsilon", epsilon);
    }

    @Override
    void read(Settings settings) {
        epsilon(settings.real("epsilon", 1e-6));
        int axis = settings.has("axis") ? settings.integers("axis")[0] : -1;
        if (axis != -1) throw settings.wrong("axis", "-1", settings.values().get("axis"));
    }
}
