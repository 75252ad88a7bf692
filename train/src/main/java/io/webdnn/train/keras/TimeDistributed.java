package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Another layer applied to each step: `[N, steps, …]` to `[N, steps, …]`.
///
/// Weights: those of the layer.
public final class TimeDistributed extends FluentLayer<TimeDistributed> {
    private final FluentLayer<?> layer;

    /// @param layer what is applied
    public TimeDistributed(FluentLayer<?> layer) {
        if (layer instanceof RecurrentLayer<?> recurrent && recurrent.recurrence().returnsState())
            throw wrong("layer", "one that gives no states", layer);
        if (layer.isBuilt()) throw wrong("layer", "one that is not yet part of a model", layer);
        var name = layer.chosenName().isEmpty() ? layer.automaticName() : layer.chosenName();
        this.layer = link(name, layer);
    }

    @Override
    int[] outputShape(int[] input) {
        if (input.length < 2) throw wrong("input", "[steps, ...]", Arrays.toString(input));
        int[] each = layer.outputShape(Arrays.copyOfRange(input, 1, input.length));
        int[] output = new int[each.length + 1];
        output[0] = input[0];
        System.arraycopy(each, 0, output, 1, each.length);
        return output;
    }

    @Override
    void build(int[] input) {
        layer.connect(List.of(Arrays.copyOfRange(input, 1, input.length)));
    }

    @Override
    List<Weight> weights() {
        return layer.weights();
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        int steps = value.size(1);
        int[] shape = value.shape().toInts();
        int[] all = Arrays.copyOfRange(shape, 1, shape.length);
        all[0] = -1;
        var y = layer.apply(Signal.of(F.reshape(value, all))).channelsLast();
        int[] each = y.shape().toInts();
        int[] whole = new int[each.length + 1];
        whole[0] = -1;
        whole[1] = steps;
        System.arraycopy(each, 1, whole, 2, each.length - 1);
        return Signal.of(F.reshape(y, whole));
    }

    @Override
    @Nullable Regularizer activityRegularizer() {
        return layer.activityRegularizer();
    }

    @Override
    Masks masks() {
        return Masks.HANDED_ON;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("layer", layer.described());
    }
}
