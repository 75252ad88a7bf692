package io.webdnn.train.keras;

import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `x`, or `alpha · x` where that is negative.
public final class LeakyReLU extends FluentLayer<LeakyReLU> {
    private final double alpha;

    /// An alpha of 0.3.
    public LeakyReLU() {
        this(0.3);
    }

    /// @param alpha the factor where x is negative
    public LeakyReLU(double alpha) {
        this.alpha = alpha;
    }

    @Override
    String automaticName() {
        return "leaky_re_lu";
    }

    @Override
    int[] outputShape(int[] input) {
        return input;
    }

    @Override
    Signal apply(Signal x) {
        return x.map(value -> F.apply(new LeakyRelu((float) alpha), value));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("alpha", alpha);
    }

    @Override
    Masks masks() {
        return Masks.HANDED_ON;
    }
}
