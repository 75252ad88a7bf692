package io.webdnn.train.keras;

import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A layer that makes one of inputs of the same shape, number by number.
///
/// @param <S> the kind of layer
public abstract class ElementwiseMerge<S extends ElementwiseMerge<S>> extends FluentLayer<S> {
    ElementwiseMerge() {}

    /// {@return the merger of what was merged so far and another input}
    abstract Variable merged(Variable x, Variable y);

    Variable finish(Variable merged, int count) {
        return merged;
    }

    int largestCount() {
        return Integer.MAX_VALUE;
    }

    @Override
    final List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() < 2 || inputs.size() > largestCount()) {
            throw wrong("inputs", largestCount() == 2 ? "two" : "two or more", inputs.size());
        }
        for (var input : inputs) {
            if (!Arrays.equals(input, inputs.getFirst())) {
                throw wrong("input", Arrays.toString(inputs.getFirst()), Arrays.toString(input));
            }
        }
        return List.of(inputs.getFirst());
    }

    @Override
    final void buildFor(List<int[]> inputs) {}

    @Override
    final List<Signal> applyTo(List<Signal> inputs) {
        var alike = Signal.alike(inputs);
        var y = alike.getFirst().value();
        for (var x : alike.subList(1, alike.size())) y = merged(y, x.value());
        return List.of(new Signal(finish(y, inputs.size()), alike.getFirst().channelsFirst()));
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {}

    @Override
    final Masks masks() {
        return Masks.HANDED_ON;
    }
}
