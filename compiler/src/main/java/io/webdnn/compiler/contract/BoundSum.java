package io.webdnn.compiler.contract;

import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;

/// Sums of neighbours for one set of sizes: each run by a micro-kernel, the runs in double, in
/// order.
///
/// Where there are few sums of many runs, the runs are cut into parts, which are added in order.
public final class BoundSum {
    /// Where the arrays stand in [#arrays].
    public static final int X = 0;

    public static final int Y = 1;

    private static final int PARTS = 8;
    private static final int FEW = 4;

    /// Elements that are added in float32, before their sum is added in double.
    private static final int SHORT = 1_024;

    private static final int ELEMENTS_PER_PIECE = 16 * 1024;

    private final Object[] arrays = new Object[2];
    private final Kernels kernels = Kernels.best();
    private final int[] sumX;
    private final int[] sumY;
    private final int[] runs;
    private final int length;
    private final int parts;
    private final int pieces;
    private final double[] partial;

    private BoundSum(int[] sumX, int[] sumY, int[] runs, int length) {
        this.sumX = sumX;
        this.sumY = sumY;
        this.runs = runs;
        this.length = length;
        parts = sumX.length < FEW && runs.length >= 4 * PARTS ? PARTS : 1;
        partial = new double[sumX.length * parts];
        long elements = (long) sumX.length * runs.length * length;
        pieces = Math.clamp(elements / ELEMENTS_PER_PIECE, 1, Math.max(1, partial.length));
    }

    /// {@return the sums for one set of sizes}
    public static BoundSum bind(Call.Sum call, Sizes sizes) {
        // a sum has one factor; its strides take the place of both
        var outer = Axis.of(call.domain(), call.x(), call.x(), call.y(), sizes);
        var inner = Axis.of(call.summed(), call.x(), call.x(), call.y(), sizes);
        Axis run = null;
        for (var axis : inner)
            if (axis.a() == 1 && (run == null || axis.extent() > run.extent())) run = axis;
        var others = run == null ? inner : Axis.without(inner, run);
        var sumX = Axis.offsets(outer, Axis.Operand.A);
        var sumY = Axis.offsets(outer, Axis.Operand.Y);
        for (int i = 0; i < sumX.length; i++) {
            sumX[i] += Math.toIntExact(sizes.of(call.x().start()));
            sumY[i] += Math.toIntExact(sizes.of(call.y().start()));
        }
        return new BoundSum(
                sumX, sumY, Axis.offsets(others, Axis.Operand.A), run == null ? 1 : run.extent());
    }

    /// {@return the arrays, to be set before a run}
    public Object[] arrays() {
        return arrays;
    }

    /// Computes the sums.
    public void run() {
        Workers.shared().run(pieces, work);
        var y = (float[]) arrays[Y];
        for (int i = 0; i < sumY.length; i++) {
            double sum = 0;
            for (int p = 0; p < parts; p++) sum += partial[i * parts + p];
            y[sumY[i]] = (float) sum;
        }
    }

    private final Workers.Piece work = this::piece;

    private void piece(int index) {
        var x = (float[]) arrays[X];
        int first = (int) ((long) partial.length * index / pieces);
        int last = (int) ((long) partial.length * (index + 1) / pieces);
        for (int i = first; i < last; i++) {
            int sum = i / parts;
            int part = i % parts;
            int from = (int) ((long) runs.length * part / parts);
            int to = (int) ((long) runs.length * (part + 1) / parts);
            double total = 0;
            for (int r = from; r < to; r++) total += run(x, sumX[sum] + runs[r]);
            partial[i] = total;
        }
    }

    private double run(float[] x, int at) {
        double total = 0;
        for (int l = 0; l < length; l += SHORT)
            total += kernels.sum(x, at + l, Math.min(SHORT, length - l));
        return total;
    }
}
