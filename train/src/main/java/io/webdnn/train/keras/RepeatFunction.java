package io.webdnn.train.keras;

import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Function;
import java.util.List;
import java.util.stream.IntStream;

/// Each slice of an axis several times.
///
/// @param extent the axis's
record RepeatFunction(int axis, int extent, int factor) implements Function {
    @Override
    public String name() {
        return "Repeat";
    }

    @Override
    public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
        int[] from = IntStream.range(0, extent * factor).map(place -> place / factor).toArray();
        var places = g.constant(Tensor.of(from, from.length));
        return g.applyAll(new Gather(axis), List.of(inputs.getFirst(), places));
    }
}
