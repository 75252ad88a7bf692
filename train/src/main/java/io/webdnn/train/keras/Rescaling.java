package io.webdnn.train.keras;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `x · scale + offset`: brings pixels into the range that a network wants.
public final class Rescaling extends IdentityShape<Rescaling> {
    private final double scale;
    private final double offset;

    /// @param scale the factor
    /// @param offset what is added afterwards
    public Rescaling(double scale, double offset) {
        if (!Double.isFinite(scale)) throw wrong("scale", "a number", scale);
        if (!Double.isFinite(offset)) throw wrong("offset", "a number", offset);
        this.scale = scale;
        this.offset = offset;
    }

    @Override
    Signal apply(Signal x) {
        return x.map(value -> value.times(scale).plus(offset));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("scale", scale);
        config.put("offset", offset);
    }
}
