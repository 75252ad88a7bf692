package io.webdnn.train.keras;

import io.webdnn.graph.op.Concat;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Its inputs one behind another along an axis, the last one at first.
public final class Concatenate extends FluentLayer<Concatenate> {
    private final int axis;

    /// Concatenates along the last axis.
    public Concatenate() {
        this(-1);
    }

    /// @param axis as in Keras: 1 is the first behind the batch, −1 the last
    public Concatenate(int axis) {
        if (axis == 0) throw wrong("axis", "another than the batch", axis);
        this.axis = axis;
    }

    /// {@return the axis of an example}
    private int along(int[] example) {
        int along = axis < 0 ? example.length + axis : axis - 1;
        if (along < 0 || along >= example.length)
            throw wrong("axis", "one of " + Arrays.toString(example) + " behind the batch", axis);
        return along;
    }

    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() < 2) throw wrong("inputs", "two or more", inputs.size());
        int[] output = inputs.getFirst().clone();
        int along = along(output);
        for (var input : inputs.subList(1, inputs.size())) {
            int[] fitting = input.clone();
            if (fitting.length == output.length) fitting[along] = output[along];
            if (!Arrays.equals(fitting, output)) {
                throw wrong(
                        "input",
                        Arrays.toString(inputs.getFirst()) + " but for axis " + axis,
                        Arrays.toString(input));
            }
            output[along] += input[along];
        }
        return List.of(output);
    }

    @Override
    void buildFor(List<int[]> inputs) {}

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        var alike = Signal.alike(inputs);
        var first = alike.getFirst();
        int rank = first.value().shape().rank();
        int last = axis < 0 ? rank + axis : axis;
        int place = !first.channelsFirst() ? last : last == rank - 1 ? 1 : last + 1;
        var values = alike.stream().map(Signal::value).toArray(Variable[]::new);
        return List.of(new Signal(F.apply(new Concat(place), values), first.channelsFirst()));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", axis);
    }
}
