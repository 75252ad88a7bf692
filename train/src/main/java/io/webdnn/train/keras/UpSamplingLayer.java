package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Each place several times along the axes between batch and channels.
///
/// @param <S> the kind of layer
public abstract class UpSamplingLayer<S extends UpSamplingLayer<S>> extends FluentLayer<S> {
    private final int axes;
    private final int[] factors;

    UpSamplingLayer(int axes, int... factors) {
        this.axes = axes;
        this.factors = Windows.each(this, "size", axes, factors);
    }

    @Override
    final int[] outputShape(int[] input) {
        int[] output = expectRank(input, axes + 1, Windows.form(axes)).clone();
        for (int d = 0; d < axes; d++) output[d] = Math.multiplyExact(output[d], factors[d]);
        return output;
    }

    @Override
    final Signal apply(Signal x) {
        var y = x;
        for (int d = 0; d < axes; d++) {
            int axis = d + (x.channelsFirst() ? 2 : 1);
            var repeat = new RepeatFunction(axis, x.value().size(axis), factors[d]);
            if (factors[d] > 1) y = y.map(value -> F.apply(repeat, name(), value));
        }
        return y;
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        config.put("size", axes == 1 ? (Object) factors[0] : Windows.list(factors));
        if (axes > 1) config.put("data_format", "channels_last");
    }

    @Override
    final void read(Settings settings) {
        settings.expectChannelsLast();
        var way = settings.text("interpolation", "nearest");
        if (!way.equals("nearest")) throw settings.wrong("interpolation", "nearest", way);
    }
}
