package io.webdnn.train.keras;

import io.webdnn.train.Variable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// In training, sets numbers to the least value of `selu` with a probability, then scales and
/// shifts all so that mean and variance stay; otherwise does nothing.
///
/// Source: Klambauer 2017.
public final class AlphaDropout extends NoiseLayer<AlphaDropout> {
    private static final double LEAST = -1.7580993408473766; // −α·scale of selu

    private final double rate;

    /// @param rate the probability: 0 or more, less than 1
    public AlphaDropout(double rate) {
        this.rate = expectRate(rate);
    }

    @Override
    Variable disturbed(Signal x) {
        if (rate == 0) return x.value();
        var kept = kept(rate, x.value().shape().toInts()).times(1 - rate); // 1 or 0
        double scale = 1 / Math.sqrt((1 - rate) * (1 + rate * LEAST * LEAST));
        var mixed = x.value().minus(LEAST).times(kept).plus(LEAST);
        return mixed.times(scale).plus(-scale * LEAST * rate);
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("rate", rate);
    }
}
