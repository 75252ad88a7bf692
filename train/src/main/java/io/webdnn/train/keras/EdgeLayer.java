package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A layer that adds zeros around the axes between batch and channels, or takes edges away.
///
/// @param <S> the kind of layer
public abstract class EdgeLayer<S extends EdgeLayer<S>> extends FluentLayer<S> {
    private final int axes;
    private final int sign;
    private final String argument;
    private final int[] amounts;

    /// @param sign 1 to add, −1 to take away
    /// @param argument Keras's word for the amounts
    /// @param amounts one for all edges, one for each axis, or begin and end of each axis
    EdgeLayer(int axes, int sign, String argument, int... amounts) {
        this.axes = axes;
        this.sign = sign;
        this.argument = argument;
        boolean fits = List.of(1, axes, 2 * axes).contains(amounts.length);
        if (!fits || Arrays.stream(amounts).anyMatch(amount -> amount < 0)) {
            throw wrong(
                    argument,
                    "1, " + axes + " or " + 2 * axes + " numbers >= 0",
                    Arrays.toString(amounts));
        }
        // of one axis two numbers are begin and end, as in Keras
        this.amounts =
                IntStream.range(0, 2 * axes)
                        .map(i ->
                                amounts.length == 1
                                        ? amounts[0]
                                        : amounts.length == 2 * axes ? amounts[i] : amounts[i / 2])
                        .toArray();
    }

    private int change(int axis) {
        return sign * (amounts[2 * axis] + amounts[2 * axis + 1]);
    }

    @Override
    final int[] outputShape(int[] input) {
        int[] output = expectRank(input, axes + 1, Windows.form(axes)).clone();
        for (int d = 0; d < axes; d++) {
            output[d] += change(d);
            if (output[d] < 1) throw wrong("input", "more than the edges", Arrays.toString(input));
        }
        return output;
    }

    @Override
    final Signal apply(Signal x) {
        int rank = axes + 2;
        var pads = new ArrayList<>(Collections.nCopies(2 * rank, 0));
        int first = x.channelsFirst() ? 2 : 1;
        for (int d = 0; d < axes; d++) {
            pads.set(first + d, sign * amounts[2 * d]);
            pads.set(rank + first + d, sign * amounts[2 * d + 1]);
        }
        return x.map(value -> F.apply(new PadFunction(pads), name(), value));
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        var pairs = new ArrayList<List<Integer>>();
        for (int d = 0; d < axes; d++) pairs.add(List.of(amounts[2 * d], amounts[2 * d + 1]));
        config.put(argument, axes == 1 ? pairs.getFirst() : pairs);
        if (axes > 1) config.put("data_format", "channels_last");
    }

    @Override
    final void read(Settings settings) {
        settings.expectChannelsLast();
    }
}
