package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All numbers of an example in a row: `[N, d…]` to `[N, Π d]`.
public final class Flatten extends FluentLayer<Flatten> {
    /// A layer that flattens.
    public Flatten() {}

    @Override
    int[] outputShape(int[] input) {
        int elements = 1;
        for (int extent : input) elements = Math.multiplyExact(elements, extent);
        return new int[] {elements};
    }

    @Override
    Signal apply(Signal x) {
        return Signal.of(F.flatten(x.channelsLast()));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {}
}
