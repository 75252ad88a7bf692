package io.webdnn.compiler.contract;

import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;

/// Maxima of windows for one set of sizes: a *row* of neighbouring windows by a micro-kernel, as if
/// they were one step apart, of which those that are wanted are picked.
public final class BoundPool {
    /// Where the arrays stand in [#arrays].
    public static final int X = 0;

    public static final int Y = 1;

    private static final int PIECES = 32;

    /// Comparisons that are worth a piece of their own.
    private static final long PIECE = 1 << 16;

    private final Object[] arrays = new Object[2];
    private final Kernels kernels = Kernels.best();
    private final int[] rowX;
    private final int[] rowY;
    private final int[] taps;
    private final int extent;
    private final int step;
    private final int pieces;

    private BoundPool(int[] rowX, int[] rowY, int[] taps, int extent, int step) {
        this.rowX = rowX;
        this.rowY = rowY;
        this.taps = taps;
        this.extent = extent;
        this.step = step;
        long work = (long) rowX.length * extent * step * taps.length;
        pieces = Math.clamp(work / PIECE, 1, Math.clamp(rowX.length, 1, PIECES));
    }

    /// {@return the maxima for one set of sizes}
    public static BoundPool bind(Call.Pool call, Sizes sizes) {
        // a maximum has one factor; its strides take the place of both
        var last = call.domain().getLast();
        var outer = call.domain().subList(0, call.domain().size() - 1);
        var rows = Axis.of(outer, call.x(), call.x(), call.y(), sizes);
        var inner = Axis.of(call.taps(), call.x(), call.x(), call.y(), sizes);
        var rowX = Axis.offsets(rows, Axis.Operand.A);
        var rowY = Axis.offsets(rows, Axis.Operand.Y);
        for (int r = 0; r < rowX.length; r++) {
            rowX[r] += Math.toIntExact(sizes.of(call.x().start()));
            rowY[r] += Math.toIntExact(sizes.of(call.y().start()));
        }
        return new BoundPool(
                rowX,
                rowY,
                Axis.offsets(inner, Axis.Operand.A),
                Math.toIntExact(sizes.of(last.extent())),
                Math.toIntExact(sizes.of(call.x().stride(last))));
    }

    /// {@return the arrays, to be set before a run}
    public Object[] arrays() {
        return arrays;
    }

    /// Computes the maxima.
    public void run() {
        Workers.shared().run(pieces, work);
    }

    private final Workers.Piece work = this::piece;

    private void piece(int index) {
        var x = (float[]) arrays[X];
        var y = (float[]) arrays[Y];
        int first = (int) ((long) rowX.length * index / pieces);
        int last = (int) ((long) rowX.length * (index + 1) / pieces);
        int columns = (extent - 1) * step + 1;
        float[] row = Scratch.own().tile(columns);
        for (int r = first; r < last; r++) {
            if (step == 1) {
                kernels.maxima(x, rowX[r], taps, y, rowY[r], columns);
                continue;
            }
            kernels.maxima(x, rowX[r], taps, row, 0, columns);
            int at = rowY[r];
            for (int j = 0; j < extent; j++) y[at + j] = row[j * step];
        }
    }
}
