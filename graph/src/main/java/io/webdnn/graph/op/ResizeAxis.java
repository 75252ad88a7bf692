package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;

/// How [Resize] makes one axis from another: for each place of the result, which elements it takes
/// and with what weights.
sealed interface ResizeAxis permits FixedResizeAxis, OpenResizeAxis {
    /// {@return the extent of the result}
    Dimension places();

    /// {@return how many elements each place takes}
    int taps();

    /// {@return an element that a place takes, inside the axis}
    Expr element(Expr place, Expr tap);

    /// {@return the weight of that element}
    Expr weight(Expr place, Expr tap, DType dtype);

    /// {@return whether a place is computed, not extrapolated}
    Expr isInside(Expr place);
}
