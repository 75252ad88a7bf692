package io.webdnn.compiler.fuse;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Visit;

/// What makes a reduction a contraction.
public final class Contractions {
    private Contractions() {}

    /// {@return whether a summand is a product of two factors that both load}
    public static boolean isProduct(Expr summand) {
        return summand instanceof Binary(var operator, var a, var b)
                && operator == Binary.Operator.MULTIPLY
                && !Visit.buffers(a).isEmpty()
                && !Visit.buffers(b).isEmpty();
    }
}
