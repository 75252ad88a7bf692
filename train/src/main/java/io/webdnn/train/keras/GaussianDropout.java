package io.webdnn.train.keras;

import io.webdnn.train.Variable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// In training, multiplies by numbers of the normal distribution with mean 1 and variance `rate /
/// (1 − rate)`; otherwise does nothing.
///
/// Source: Srivastava 2014.
public final class GaussianDropout extends NoiseLayer<GaussianDropout> {
    private final double rate;

    /// @param rate that of the [Dropout] with the same variance: 0 or more, less than 1
    public GaussianDropout(double rate) {
        this.rate = expectRate(rate);
    }

    @Override
    Variable disturbed(Signal x) {
        return x.value().times(normal(x.value(), 1, Math.sqrt(rate / (1 - rate))));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("rate", rate);
    }
}
