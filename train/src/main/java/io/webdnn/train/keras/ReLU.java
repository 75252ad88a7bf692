package io.webdnn.train.keras;

import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.Min;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `x`, but at most a largest value, and `slope · x` where it is negative.
///
/// Source: Keras 2.2.
public final class ReLU extends IdentityShape<ReLU> {
    private double slope;
    private @Nullable Double most;

    /// A slope of 0, and no largest value.
    public ReLU() {}

    /// Sets the largest value.
    public ReLU maxValue(double number) {
        if (!(number >= 0)) throw wrong("max value", ">= 0", number);
        most = number;
        return this;
    }

    /// Sets the factor where x is negative.
    public ReLU negativeSlope(double number) {
        if (!(number >= 0)) throw wrong("negative slope", ">= 0", number);
        slope = number;
        return this;
    }

    @Override
    String automaticName() {
        return "re_lu";
    }

    @Override
    Signal apply(Signal x) {
        return x.map(this::limited);
    }

    private Variable limited(Variable x) {
        var y = slope == 0 ? F.relu(x) : F.apply(new LeakyRelu((float) slope), x);
        return most == null ? y : F.apply(new Min(), y, Variable.scalar(most));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("max_value", most);
        config.put("negative_slope", slope);
        config.put("threshold", 0.0);
    }

    @Override
    void read(Settings settings) {
        if (settings.has("max_value")) maxValue(settings.real("max_value", 0));
        negativeSlope(settings.real("negative_slope", 0));
        if (settings.real("threshold", 0) != 0)
            throw settings.wrong("threshold", "0", settings.real("threshold", 0));
    }
}
