package io.webdnn.train.keras;

import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A [Dropout] of whole channels: all places of one are kept or not.
///
/// @param <S> the kind of layer
public abstract class SpatialDropoutLayer<S extends SpatialDropoutLayer<S>> extends NoiseLayer<S> {
    private final int axes;
    private final double rate;

    SpatialDropoutLayer(int axes, double rate) {
        this.axes = axes;
        this.rate = expectRate(rate);
    }

    @Override
    final int[] outputShape(int[] input) {
        return expectRank(input, axes + 1, Windows.form(axes));
    }

    @Override
    final Variable disturbed(Signal x) {
        if (rate == 0) return x.value();
        int[] shape = new int[axes + 2];
        Arrays.fill(shape, 1);
        shape[0] = x.value().size(0);
        shape[x.channelAxis()] = x.value().size(x.channelAxis());
        return x.value().times(kept(rate, shape));
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        config.put("rate", rate);
    }
}
