package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `e^x / Σ e^x` along an axis.
public final class Softmax extends IdentityShape<Softmax> {
    private final int axis;

    /// Along the last axis.
    public Softmax() {
        this(-1);
    }

    /// @param axis the one along which numbers add up to 1, counted from 1; −1 is the last
    public Softmax(int axis) {
        if (axis == 0) throw wrong("axis", "an axis of an example", axis);
        this.axis = axis;
    }

    @Override
    int[] outputShape(int[] input) {
        int along = axis < 0 ? input.length + 1 + axis : axis;
        if (along < 1 || along > input.length)
            throw wrong("axis", "1 ... " + input.length + ", or from the end", axis);
        return input;
    }

    @Override
    Signal apply(Signal x) {
        return Signal.of(F.softmax(x.channelsLast(), axis));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", axis);
    }

    @Override
    Masks masks() {
        return Masks.REFUSED;
    }
}
