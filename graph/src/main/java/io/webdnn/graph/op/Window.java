package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Dimension;

/// One spatial axis of a sliding window: where its taps fall and how many places it has. Paddings
/// may be negative (crop).
///
/// @param stride step between places, ≥ 1
/// @param dilation distance of neighbouring taps, ≥ 1
/// @param padBegin zeros before the axis
/// @param padEnd zeros after the axis
public record Window(int stride, int dilation, int padBegin, int padEnd) {
    /// Stride 1, no dilation, no padding.
    public static final Window PLAIN = new Window(1, 1, 0, 0);

    public Window {
        if (stride < 1) throw GraphException.of("Window", "stride", ">= 1", stride);
        if (dilation < 1) throw GraphException.of("Window", "dilation", ">= 1", dilation);
    }

    /// {@return the position in the input of tap `k` at place `o`: `o·stride + k·dilation −
    /// padBegin`}
    public Expr tap(Expr o, Expr k) {
        return o.times(stride).plus(k.times(dilation)).minus(padBegin);
    }

    /// {@return the number of places of a window of `kernel` taps: `⌊(extent + pads −
    /// (kernel−1)·dilation − 1) / stride⌋ + 1`}
    public Dimension places(Dimension extent, int kernel) {
        return extent.plus(padBegin + padEnd - (long) (kernel - 1) * dilation - 1)
                .floorDividedBy(stride)
                .plus(1);
    }
}
