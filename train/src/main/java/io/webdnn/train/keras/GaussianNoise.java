package io.webdnn.train.keras;

import io.webdnn.train.Variable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// In training, adds numbers of the normal distribution with mean 0; otherwise does nothing.
public final class GaussianNoise extends NoiseLayer<GaussianNoise> {
    private final double deviation;

    /// @param deviation the standard deviation, 0 or more
    public GaussianNoise(double deviation) {
        if (!(deviation >= 0)) throw wrong("deviation", ">= 0", deviation);
        this.deviation = deviation;
    }

    @Override
    Variable disturbed(Signal x) {
        return x.value().plus(normal(x.value(), 0, deviation));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("stddev", deviation);
    }
}
