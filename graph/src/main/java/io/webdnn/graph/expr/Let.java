package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// `body` with a local bound to a value that is computed once.
public record Let(Local local, Expr value, Expr body) implements Expr {
    public Let {
        if (local.dtype() != value.dtype()) {
            throw new IllegalArgumentException(
                    "Let: expected " + local.dtype() + ", got " + value.dtype());
        }
    }

    @Override
    public DType dtype() {
        return body.dtype();
    }
}
