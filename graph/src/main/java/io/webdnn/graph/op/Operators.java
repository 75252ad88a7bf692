package io.webdnn.graph.op;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;

/// Builds graphs: the one way in which compositions, gradients, importers and training apply
/// operators.
public interface Operators {
    /// {@return the outputs of an operator}
    ///
    /// @throws io.webdnn.graph.type.GraphException if the inputs do not fit
    List<? extends Operand> applyAll(Op op, List<? extends Operand> inputs);

    /// {@return a constant}
    Operand constant(Tensor tensor);

    /// {@return the stand-in for an optional input that is not given}
    Operand absent();

    /// {@return the first output of an operator}
    default Operand apply(Op op, Operand... inputs) {
        return applyAll(op, List.of(inputs)).getFirst();
    }

    /// {@return a scalar constant}
    default Operand scalar(DType dtype, double value) {
        return constant(Tensor.scalar(dtype, value));
    }

    /// {@return a vector of int64, as shape operands are}
    default Operand vector(long... values) {
        return constant(Tensor.of(values, values.length));
    }
}
