package io.webdnn.train.keras;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An activation by name, as a layer.
public final class Activation extends FluentLayer<Activation> {
    private final ActivationFunction function;

    /// @param name `relu`, `softmax`, …
    public Activation(String name) {
        function = ActivationFunction.of(toString(), name);
    }

    @Override
    int[] outputShape(int[] input) {
        return input;
    }

    @Override
    Signal apply(Signal x) {
        return function.apply(x);
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("activation", function.keras());
    }

    @Override
    Masks masks() {
        return Masks.HANDED_ON;
    }
}
