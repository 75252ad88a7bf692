package io.webdnn.graph.op;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
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

    /// {@return a vector of sizes, of which some may be symbols}
    default Operand vector(List<Dimension> sizes) {
        return sizes.stream().allMatch(Dimension::isFixed)
                ? vector(sizes.stream().mapToLong(Dimension::value).toArray())
                : apply(new Extents("", sizes), vector(new long[sizes.size()]));
    }

    /// {@return a + b}
    default Operand add(Operand a, Operand b) {
        return apply(new Add(), a, b);
    }

    /// {@return a − b}
    default Operand sub(Operand a, Operand b) {
        return apply(new Sub(), a, b);
    }

    /// {@return a · b}
    default Operand mul(Operand a, Operand b) {
        return apply(new Mul(), a, b);
    }

    /// {@return a / b}
    default Operand div(Operand a, Operand b) {
        return apply(new Div(), a, b);
    }

    /// {@return the operand in a dtype; itself if it has it}
    default Operand cast(Operand x, DType dtype) {
        return x.type().dtype() == dtype ? x : apply(new Cast(dtype), x);
    }
}
