package io.webdnn.train.keras;

import io.webdnn.train.F;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The axes of an example in another order.
public final class Permute extends FluentLayer<Permute> {
    private final int[] order;

    /// @param order where each axis comes from, counted from 1: (2, 1) transposes
    public Permute(int... order) {
        this.order = order.clone();
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        if (!Arrays.equals(sorted, IntStream.rangeClosed(1, order.length).toArray())) {
            throw wrong("order", "each of 1 ... " + order.length + " once", Arrays.toString(order));
        }
    }

    @Override
    int[] outputShape(int[] input) {
        expectRank(input, order.length, order.length + " axes");
        return Arrays.stream(order).map(axis -> input[axis - 1]).toArray();
    }

    @Override
    Signal apply(Signal x) {
        int[] permutation = new int[order.length + 1];
        System.arraycopy(order, 0, permutation, 1, order.length);
        return Signal.of(F.transpose(x.channelsLast(), permutation));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("dims", Windows.list(order));
    }
}
