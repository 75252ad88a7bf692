package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The channels of each group, with all their places, brought to mean 0 and variance 1, then scaled
/// and shifted: `(x − μ) / √(σ² + ε) · gamma + beta`.
///
/// Weights: `gamma`, `beta`, each `[C]`. Source: Wu, He 2018.
public final class GroupNormalization extends NormalizationLayer<GroupNormalization> {
    private final int groups;

    /// @param groups their number, −1 for one of each channel
    public GroupNormalization(int groups) {
        if (groups < 1 && groups != -1) throw wrong("groups", ">= 1, or -1", groups);
        this.groups = groups;
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
        makeAffine(input[input.length - 1]);
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        int[] shape = value.shape().toInts();
        int channels = shape[shape.length - 1];
        int count = groups < 0 ? channels : groups;
        int places = Arrays.stream(shape, 1, shape.length - 1).reduce(1, Math::multiplyExact);
        var grouped = F.reshape(value, -1, places, count, channels / count);
        shape[0] = -1; // the batch may have any size
        return Signal.of(affine(F.reshape(normalized(grouped, 1, 3), shape), channels));
    }

    @Override
    Masks masks() {
        return Masks.REFUSED; // hidden steps would count
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("groups", groups);
        config.put("axis", -1);
        describeAffine(config);
    }

    @Override
    void read(Settings settings) {
        if (settings.integer("axis", -1) != -1)
            throw settings.wrong("axis", "-1", settings.integer("axis"));
        super.read(settings);
    }
}
