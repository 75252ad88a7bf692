package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Local;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;
import java.util.function.UnaryOperator;

/// Binary search as an expression.
final class Search {
    /// Steps that find any int32 number from 0 on.
    private static final int ALL_BITS = 31;

    private Search() {}

    /// {@return how many steps find a number of 0 … most}
    static int bits(Dimension most) {
        return most.isFixed() ? Long.SIZE - Long.numberOfLeadingZeros(most.value()) : ALL_BITS;
    }

    /// {@return the end of the run of numbers `from, from + 1, … limit − 1` for which a property
    /// holds: of numbers for which it does not, none follows one for which it holds again}
    ///
    /// @param bits `limit − from` is below `2^bits`
    static Expr end(Expr from, Expr limit, int bits, UnaryOperator<Expr> holds) {
        if (bits == 0) return from;
        var step = new Index("step", Dimension.of(bits));
        var found = new Local("found", DType.INT32);
        var distance = Expr.of(1).apply(Binary.Operator.SHIFT_LEFT, Expr.of(bits - 1).minus(step));
        var next = found.plus(distance);
        var goesOn = next.lessOrEqual(limit).select(holds.apply(next.minus(1)), Literal.of(false));
        var update = goesOn.select(next, found);
        return new Fold(List.of(step), List.of(new Accumulator(found, from, update)), found);
    }
}
