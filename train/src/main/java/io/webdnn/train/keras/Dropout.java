package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// In training, sets numbers to 0 with a probability and divides the others by what is left of it;
/// otherwise does nothing.
public final class Dropout extends FluentLayer<Dropout> {
    private final double rate;

    /// @param rate the probability of a 0: 0 or more, less than 1
    public Dropout(double rate) {
        if (!(rate >= 0 && rate < 1)) throw wrong("rate", "0 <= rate < 1", rate);
        this.rate = rate;
    }

    @Override
    int[] outputShape(int[] input) {
        return input;
    }

    @Override
    Signal apply(Signal x) {
        return rate == 0 ? x : x.map(value -> F.dropout(value, rate));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("rate", rate);
    }

    @Override
    Masks masks() {
        return Masks.HANDED_ON;
    }
}
