package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Visit;
import org.jspecify.annotations.Nullable;

/// Where the loop of a reduction may end before its extent does: `reduce(i < limit ? before :
/// identity)`, with a limit that the loops do not change.
///
/// @param index the loop variable
/// @param condition `index < limit`
record LoopEnd(Index index, Expr condition, Expr limit, Expr before) {
    /// {@return where the loop of a reduction ends, or null if its extent says so}
    static @Nullable LoopEnd of(Reduce reduce) {
        return reduce.body() instanceof Select(var condition, var before, Literal otherwise)
                        && condition instanceof Binary(var operator, Index index, var limit)
                        && operator == Binary.Operator.LESS
                        && reduce.indices().contains(index)
                        && Visit.free(limit).stream().noneMatch(reduce.indices()::contains)
                        && isIdentity(reduce.operator(), otherwise)
                ? new LoopEnd(index, condition, limit, before)
                : null;
    }

    private static boolean isIdentity(Reduce.Operator operator, Literal value) {
        return switch (operator) {
            case SUM, ANY -> value.is(0);
            case PRODUCT, ALL -> value.is(1);
            case MAX, MIN -> false; // theirs depends on the dtype
        };
    }
}
