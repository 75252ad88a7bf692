package io.webdnn.train.keras;

import io.webdnn.graph.op.Elu;
import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `x`, or `alpha · (e^x − 1)` where that is negative.
public final class ELU extends FluentLayer<ELU> {
    private final double alpha;

    /// An alpha of 1.0.
    public ELU() {
        this(1.0);
    }

    /// @param alpha the factor where x is negative
    public ELU(double alpha) {
        this.alpha = alpha;
    }

    @Override
    String automaticName() {
        return "elu";
    }

    @Override
    int[] outputShape(int[] input) {
        return input;
    }

    @Override
    Signal apply(Signal x) {
        return x.map(value -> F.apply(new Elu((float) alpha), value));
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
