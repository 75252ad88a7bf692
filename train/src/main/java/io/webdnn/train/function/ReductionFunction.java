package io.webdnn.train.function;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Reduction;
import io.webdnn.train.Function;
import java.util.List;

/// A reduction over some axes, over all if none is named.
public record ReductionFunction(String name, Reduction reduction, List<Integer> axes)
        implements Function {
    public ReductionFunction {
        axes = List.copyOf(axes);
    }

    @Override
    public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
        var x = inputs.getFirst();
        if (axes.isEmpty()) return g.applyAll(reduction, List.of(x));
        var vector = g.vector(axes.stream().mapToLong(Integer::longValue).toArray());
        return g.applyAll(reduction, List.of(x, vector));
    }
}
