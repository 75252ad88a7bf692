package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import java.util.List;

/// The gradient of an operator with a recurrence with respect to some of its operands: a recurrence
/// that goes back from the last step to the first.
///
/// Its operands are those of the operator, then what [ScanTrace] kept, then the gradient of each
/// output, absent for an output that has none. Its outputs have the types of the operands in
/// question.
///
/// Each step back takes the gradients of the states from the step after it and the gradients of
/// what the step itself gave, and goes through the stages of the step from the last to the first
/// ([io.webdnn.graph.expr.Adjoint]). The gradients of operands are sums over all steps, taken
/// behind the recurrence; those of weights are contractions.
///
/// @param op an operator that lowers to a [Scan]
/// @param count the number of the operator's own operands
/// @param wanted the operands in question
public record ScanAdjoint(Op op, int count, List<Integer> wanted) implements Primitive {
    public ScanAdjoint {
        wanted = List.copyOf(wanted);
    }

    @Override
    public String name() {
        return op.name() + "Gradient";
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return wanted.stream().map(in::type).toList();
    }

    @Override
    public Lowering lower(Operands in) {
        return new ScanReversal(op, in, count).lower(wanted);
    }
}
