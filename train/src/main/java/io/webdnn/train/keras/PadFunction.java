package io.webdnn.train.keras;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Pad;
import io.webdnn.train.Function;
import java.util.List;

/// Zeros around, or less than there was.
///
/// @param pads before each axis, then behind each; negative to take away
record PadFunction(List<Integer> pads) implements Function {
    @Override
    public String name() {
        return "Pad";
    }

    @Override
    public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
        var vector = g.vector(pads.stream().mapToLong(Integer::longValue).toArray());
        return g.applyAll(new Pad(Pad.Mode.CONSTANT), List.of(inputs.getFirst(), vector));
    }
}
