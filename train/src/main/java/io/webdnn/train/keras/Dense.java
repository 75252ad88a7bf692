package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.function.LinearFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `activation(x · kernel + bias)` along the last axis: `[N, …, in]` to `[N, …, units]`.
///
/// Weights: `kernel` `[in, units]`, `bias` `[units]`.
public final class Dense extends WeightedLayer<Dense> {
    private final int units;

    /// @param units the extent of the last axis of the result
    public Dense(int units) {
        this.units = positive("units", units);
    }

    @Override
    int[] outputShape(int[] input) {
        if (input.length == 0) throw wrong("input", "[..., in]", Arrays.toString(input));
        int in = input[input.length - 1];
        if (isBuilt() && kernel().size(1) != in)
            throw wrong("input", "[..., " + kernel().size(1) + "]", Arrays.toString(input));
        int[] output = input.clone();
        output[output.length - 1] = units;
        return output;
    }

    @Override
    void build(int[] input) {
        makeKernel(List.of(1, 0), input[input.length - 1], units);
        makeBias(units);
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        var bias = bias();
        Variable y;
        if (value.shape().rank() == 2) {
            y = F.apply(new LinearFunction(), name(), withBias(value, kernel()));
        } else {
            y = F.matmul(value, F.transpose(kernel(), 1, 0));
            if (bias != null) y = y.plus(bias);
        }
        return activated(Signal.of(y));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("units", units);
        describeWeights(config);
    }

    @Override
    Masks masks() {
        return Masks.HANDED_ON;
    }
}
