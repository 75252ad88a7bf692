package io.webdnn.graph.op;

import io.webdnn.graph.expr.Adjoint;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import java.util.List;

/// Where the maxima (or minima) of an operator stand: for each element of its output the position
/// of the first extreme, or of the first NaN, in row-major order of what is reduced, int32; −1 if
/// that is nothing.
///
/// Its operands are those of the operator. For gradients: [ExtremePick] takes up the positions.
///
/// @param op an operator whose output is `y[o…] = max_r (…)`, or min: a [MaxPool] without indices,
///   a [ReduceMax], a [ReduceMin]
public record ExtremePosition(Op op) implements Primitive {
    @Override
    public String name() {
        return op.name() + "Position";
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(op.infer(in.first(in.count(), op.name())).getFirst().with(DType.INT32));
    }

    @Override
    public Lowering lower(Operands in) {
        var extreme = extreme(op, in);
        return Compute.each(infer(in).getFirst(), o -> Adjoint.position(extreme.at(o)));
    }

    /// `y[domain] = reduce`.
    record Extremes(List<Index> domain, Reduce reduce) {
        Reduce at(List<Index> o) {
            return (Reduce) Substitution.ofIndices(reduce, domain, o);
        }
    }

    /// {@return the reduction that is the operator's first output}
    ///
    /// @throws GraphException if it is none
    static Extremes extreme(Op op, Operands in) {
        if (op.lower(in) instanceof Compute(var stages, _)
                && stages.size() == 1
                && stages.getFirst().outputs().getFirst().value() instanceof Reduce reduce
                && isExtreme(reduce)) {
            return new Extremes(stages.getFirst().domain(), reduce);
        }
        throw GraphException.of(
                op.name(), "output", "the maximum or minimum of something", "other");
    }

    /// {@return whether a reduction takes one of its elements}
    public static boolean isExtreme(Reduce reduce) {
        return reduce.operator() == Reduce.Operator.MAX || reduce.operator() == Reduce.Operator.MIN;
    }
}
