package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What flows between layers. To the user it is in Keras's order, `[N, D…, C]`; a layer that
/// computes with channels first leaves it like that, so that the next one need not turn it again.
///
/// @param value the numbers
/// @param channelsFirst whether they stand as `[N, C, D…]`
/// @param mask which steps count, bool, `[N, T]`; null if all do
record Signal(Variable value, boolean channelsFirst, @Nullable Variable mask) {
    Signal(Variable value, boolean channelsFirst) {
        this(value, channelsFirst, null);
    }

    /// {@return the same numbers with a mask}
    Signal masked(@Nullable Variable steps) {
        return new Signal(value, channelsFirst, steps);
    }

    /// {@return what is in Keras's order}
    static Signal of(Variable value) {
        return new Signal(value, false);
    }

    /// {@return the numbers in Keras's order}
    Variable channelsLast() {
        if (!channelsFirst) return value;
        int[] permutation = new int[value.shape().rank()];
        for (int d = 1; d < permutation.length; d++)
            permutation[d] = d == permutation.length - 1 ? 1 : d + 1;
        return F.transpose(value, permutation);
    }

    /// {@return the numbers as convolutions take them}
    Variable turned() {
        if (channelsFirst) return value;
        int[] permutation = new int[value.shape().rank()];
        for (int d = 1; d < permutation.length; d++)
            permutation[d] = d == 1 ? permutation.length - 1 : d - 1;
        return F.transpose(value, permutation);
    }

    /// {@return the axis of the channels}
    int channelAxis() {
        return channelsFirst ? 1 : value.shape().rank() - 1;
    }

    /// {@return the result of what looks at each number alone}
    Signal map(UnaryOperator<Variable> function) {
        return new Signal(function.apply(value), channelsFirst);
    }

    /// {@return the same numbers, all with their channels in one place}
    static List<Signal> alike(List<Signal> some) {
        if (some.stream().allMatch(Signal::channelsFirst)) return some;
        return some.stream().map(signal -> of(signal.channelsLast())).toList();
    }
}
