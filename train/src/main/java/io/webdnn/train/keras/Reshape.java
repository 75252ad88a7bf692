package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The same numbers under another shape.
public final class Reshape extends FluentLayer<Reshape> {
    private final int[] target;

    /// @param target the shape of an example's result; one extent may be −1, for what is left
    public Reshape(int... target) {
        this.target = target.clone();
        if (Arrays.stream(target).filter(extent -> extent == -1).count() > 1
                || Arrays.stream(target).anyMatch(extent -> extent < 1 && extent != -1)) {
            throw wrong("target", "extents >= 1, at most one -1", Arrays.toString(target));
        }
    }

    @Override
    int[] outputShape(int[] input) {
        int all = Arrays.stream(input).reduce(1, Math::multiplyExact);
        int known = Arrays.stream(target).filter(e -> e != -1).reduce(1, Math::multiplyExact);
        int[] output = target.clone();
        boolean open = false;
        for (int d = 0; d < output.length; d++) {
            if (output[d] != -1) continue;
            open = true;
            output[d] = all / known;
        }
        if (open ? all % known != 0 : all != known) {
            throw wrong(
                    "input",
                    "as many numbers as " + Arrays.toString(target),
                    Arrays.toString(input));
        }
        return output;
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        int[] whole = new int[target.length + 1];
        int[] input = Arrays.copyOfRange(value.shape().toInts(), 1, value.shape().rank());
        System.arraycopy(outputShape(input), 0, whole, 1, target.length);
        whole[0] = -1; // the batch
        return Signal.of(F.reshape(value, whole));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("target_shape", Windows.list(target));
    }
}
