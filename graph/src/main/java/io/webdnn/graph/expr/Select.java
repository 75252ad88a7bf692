package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// `condition ? then : otherwise`. Both sides may be evaluated; the one not chosen never matters,
/// not even if it is NaN.
public record Select(Expr condition, Expr then, Expr otherwise) implements Expr {
    public Select {
        if (condition.dtype() != DType.BOOL || then.dtype() != otherwise.dtype()) {
            throw new IllegalArgumentException(
                    "Select: expected bool and two values of one dtype, got "
                            + condition.dtype()
                            + ", "
                            + then.dtype()
                            + ", "
                            + otherwise.dtype());
        }
    }

    @Override
    public DType dtype() {
        return then.dtype();
    }
}
