package io.webdnn.train.keras;

import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.function.ReductionFunction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The numbers of each place divided by their norm over the last axis: `x / √max(Σ x², 1e-12)`.
public final class UnitNormalization extends IdentityShape<UnitNormalization> {
    private static final double LEAST_SQUARE = 1e-12; // of a norm that is divided by

    /// Has no settings.
    public UnitNormalization() {}

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        var sum =
                new ReductionFunction(
                        "Sum", new ReduceSum(true), List.of(value.shape().rank() - 1));
        var squares = F.apply(sum, name(), value.times(value));
        var norm = F.sqrt(F.apply(new Clip(), squares, Variable.scalar(LEAST_SQUARE)));
        return Signal.of(value.dividedBy(norm));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", -1);
    }

    @Override
    void read(Settings settings) {
        if (settings.integer("axis", -1) != -1)
            throw settings.wrong("axis", "-1", settings.integer("axis"));
    }
}
