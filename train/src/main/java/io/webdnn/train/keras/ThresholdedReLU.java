package io.webdnn.train.keras;

import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.Where;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `x` where it is above a threshold, else 0.
///
/// Source: Konda, Memisevic, Krueger 2014.
public final class ThresholdedReLU extends IdentityShape<ThresholdedReLU> {
    private final double theta;

    /// A threshold of 1.0.
    public ThresholdedReLU() {
        this(1);
    }

    /// @param theta the threshold, 0 or more
    public ThresholdedReLU(double theta) {
        if (!(theta >= 0)) throw wrong("theta", ">= 0", theta);
        this.theta = theta;
    }

    @Override
    String automaticName() {
        return "thresholded_re_lu";
    }

    @Override
    Signal apply(Signal x) {
        return x.map(this::above);
    }

    private Variable above(Variable x) {
        var passes = F.apply(new Greater(), x, Variable.scalar(theta));
        return F.apply(new Where(), passes, x, Variable.scalar(0));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("theta", theta);
    }
}
