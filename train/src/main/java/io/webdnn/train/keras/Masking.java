package io.webdnn.train.keras;

import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Where;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.function.ReductionFunction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Hides steps from the recurrent layers behind: those all of whose numbers are a given one. They
/// become 0. `[N, steps, C]`.
public final class Masking extends FluentLayer<Masking> {
    private final double value;

    /// Hides steps of zeros.
    public Masking() {
        this(0);
    }

    /// @param value what all numbers of a hidden step are
    public Masking(double value) {
        this.value = value;
    }

    @Override
    int[] outputShape(int[] input) {
        return expectRank(input, 2, Windows.form(1));
    }

    @Override
    Signal apply(Signal x) {
        var steps = x.channelsLast();
        var away = F.apply(new Abs(), steps.minus(value));
        var most = new ReductionFunction("Max", new ReduceMax(true, false), List.of(2));
        var zero = Variable.scalar(0);
        var counts = F.apply(new Greater(), F.apply(most, name(), away), zero);
        var y = F.apply(new Where(), counts, steps, zero);
        return Signal.of(y).masked(F.reshape(counts, -1, steps.size(1)));
    }

    @Override
    Masks masks() {
        return Masks.READ;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("mask_value", value);
    }
}
