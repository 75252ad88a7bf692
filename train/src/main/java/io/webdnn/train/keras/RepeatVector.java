package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The same vector several times: `[N, C]` to `[N, count, C]`.
public final class RepeatVector extends FluentLayer<RepeatVector> {
    private final int count;

    /// @param count how often
    public RepeatVector(int count) {
        this.count = positive("count", count);
    }

    @Override
    int[] outputShape(int[] input) {
        expectRank(input, 1, "[channels]");
        return new int[] {count, input[0]};
    }

    @Override
    Signal apply(Signal x) {
        var row = F.reshape(x.value(), -1, 1, x.value().size(1));
        return Signal.of(F.apply(new RepeatFunction(1, 1, count), name(), row));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("n", count);
    }
}
