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

    /// {@return the window with as many places as `⌈extent / stride⌉`, padded on both sides}
    ///
    /// @param upper whether an odd zero goes to the end (ONNX `SAME_UPPER`) or to the begin
    ///   (`SAME_LOWER`)
    public static Window same(int extent, int kernel, int stride, int dilation, boolean upper) {
        int places = Math.ceilDiv(extent, stride);
        int total = Math.max(0, (places - 1) * stride + (kernel - 1) * dilation + 1 - extent);
        int less = total / 2;
        return new Window(
                stride, dilation, upper ? less : total - less, upper ? total - less : less);
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

    /// {@return the number of places if the last window may overrun the end (rounding up), but none
    /// starts in the end padding}
    public Dimension placesRoundingUp(Dimension extent, int kernel) {
        long overrun = padEnd - (long) (kernel - 1) * dilation + stride - 1;
        return extent.plus(padBegin - 1L + Math.min(0, overrun)).floorDividedBy(stride).plus(1);
    }

    /// {@return how many of a window's taps at place `o` lie inside `begin … end − 1`, counted from
    /// the input's first element}
    Expr tapsWithin(Expr o, int kernel, Expr begin, Expr end) {
        var start = o.times(stride).minus(padBegin);
        var first = firstTapFrom(begin, start).max(Expr.of(0));
        var after = firstTapFrom(end, start).min(Expr.of(kernel));
        return after.minus(first);
    }

    /// {@return the least k with `start + k·dilation ≥ position`}
    private Expr firstTapFrom(Expr position, Expr start) {
        return position.minus(start).plus(dilation - 1).floorDividedBy(dilation);
    }
}
