package io.webdnn.train.function;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Reshape;
import io.webdnn.train.Function;
import java.util.List;

/// The same elements under another shape; one extent may be −1, for what is left.
public record ReshapeFunction(List<Integer> shape) implements Function {
    public ReshapeFunction {
        shape = List.copyOf(shape);
    }

    @Override
    public String name() {
        return "Reshape";
    }

    @Override
    public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
        var extents = shape.stream().mapToLong(Integer::longValue).toArray();
        return g.applyAll(new Reshape(true), List.of(inputs.getFirst(), g.vector(extents)));
    }
}
