package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;

/// An index that is data: int32 or int64, a negative one counting from the end of its axis.
final class Wrapped {
    private Wrapped() {}

    /// {@return the index as int32, counted from 0}
    static Expr index(Expr data, Dimension extent) {
        var index = data.cast(DType.INT32);
        return index.less(Expr.of(0)).select(index.plus(Expr.of(extent)), index);
    }
}
