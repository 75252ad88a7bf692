package io.webdnn.train.function;

import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.train.Function;
import java.util.List;

/// One operator.
public record OperatorFunction(String name, Op op) implements Function {
    @Override
    public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
        return g.applyAll(op, inputs);
    }
}
