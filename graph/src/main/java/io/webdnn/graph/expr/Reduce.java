package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;
import java.util.List;

/// The reduction of a body over indices, outermost first. Over nothing it is the operator's
/// identity: 0, 1, the lowest, the highest value of the dtype (∓∞ for floats), false, true.
public record Reduce(Operator operator, List<Index> indices, Expr body) implements Expr {
    /// The associative, commutative operators. `MAX` and `MIN` give NaN if any operand is NaN;
    /// `ANY`, `ALL` are for bool.
    public enum Operator {
        SUM,
        PRODUCT,
        MAX,
        MIN,
        ANY,
        ALL
    }

    public Reduce {
        indices = List.copyOf(indices);
    }

    @Override
    public DType dtype() {
        return body.dtype();
    }
}
