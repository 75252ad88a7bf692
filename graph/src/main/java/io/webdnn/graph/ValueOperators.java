package io.webdnn.graph;

import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.tensor.Tensor;
import java.util.List;

/// Operators applied to values; what implements this makes the nodes.
public interface ValueOperators extends Operators {
    @Override
    List<Value> applyAll(Op op, List<? extends Operand> inputs);

    @Override
    default Value apply(Op op, Operand... inputs) {
        return applyAll(op, List.of(inputs)).getFirst();
    }

    @Override
    default Value constant(Tensor tensor) {
        return Value.constant("", tensor);
    }

    @Override
    default Value absent() {
        return Value.ABSENT;
    }
}
