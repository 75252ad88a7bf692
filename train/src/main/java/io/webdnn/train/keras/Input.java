package io.webdnn.train.keras;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a [Model] is given: float32 arrays, one example after another.
public final class Input extends FluentLayer<Input> {
    Input(int... shape) {
        declare(shape);
    }

    /// {@return an input whose examples have this shape}
    public static Output shape(int... shape) {
        return new Input(shape).output();
    }

    /// {@return an input of that name}
    public static Output named(String name, int... shape) {
        return new Input(shape).named(name).output();
    }

    /// {@return an input whose batches have so many examples of this shape}
    public static Output batchShape(int batch, int... shape) {
        return new Input(shape).batchInputShape(batch, shape).output();
    }

    Output output() {
        int[] shape = shape();
        connect(List.of(shape));
        return new Call(this, List.of(), List.of(shape)).outputs().getFirst();
    }

    private int[] shape() {
        var declared = declaredInput();
        return declared == null ? new int[0] : declared;
    }

    @Override
    String kind() {
        return "InputLayer";
    }

    @Override
    String automaticName() {
        return "input";
    }

    @Override
    int[] outputShape(int[] input) {
        if (!Arrays.equals(input, shape()))
            throw wrong("input", Arrays.toString(shape()), Arrays.toString(input));
        return input;
    }

    @Override
    Signal apply(Signal x) {
        return x;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.remove("trainable"); // Keras's constructor takes none
        config.put("sparse", false);
    }
}
