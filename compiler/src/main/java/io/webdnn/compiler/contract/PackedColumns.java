package io.webdnn.compiler.contract;

import io.webdnn.tensor.kernel.Kernels;
import java.util.Arrays;
import java.util.List;

/// Packs the columns of `b` into panels: the elements of a panel's columns side by side, then those
/// of the next k.
final class PackedColumns {
    /// Runs of neighbours shorter than this on the average are packed element by element.
    private static final int SHORT = 3;

    private final Kernels kernels = Kernels.best();
    private final int width = kernels.tileColumns();
    private final int array;
    private final int[] columnB;
    private final int[] kB;
    private final int kBlock;

    /// Where the runs of each panel begin; the last entry ends them.
    private final int[] firstRun;

    private final int[] runs;
    private final int[] lengths;

    /// @param n the axes whose columns are numbered through
    PackedColumns(BoundContraction.Roles roles, List<Axis> n, PanelContraction contraction) {
        array = roles.array(BoundContraction.B);
        columnB = Axis.offsets(n, Axis.Operand.B);
        kB = Axis.offsets(roles.k(), Axis.Operand.B);
        kBlock = contraction.kBlock();
        int panels = (columnB.length + width - 1) / width;
        firstRun = new int[panels + 1];
        var runs = new int[columnB.length];
        var lengths = new int[columnB.length];
        int count = 0;
        for (int j = 0; j < columnB.length; j++) {
            boolean isPanel = j % width == 0;
            if (isPanel) firstRun[j / width] = count;
            if (isPanel || columnB[j] != columnB[j - 1] + 1) runs[count++] = columnB[j];
            lengths[count - 1]++;
        }
        firstRun[panels] = count;
        this.runs = Arrays.copyOf(runs, count);
        this.lengths = Arrays.copyOf(lengths, count);
    }

    /// {@return which array the columns are in}
    int array() {
        return array;
    }

    /// Packs one panel of a block of k.
    void pack(float[] b, int bAt, int block, int panel, float[] to, int at) {
        int first = block * kBlock;
        int last = Math.min(kB.length, first + kBlock);
        int count = Math.min(width, columnB.length - panel * width);
        if (firstRun[panel + 1] - firstRun[panel] <= count / SHORT) {
            kernels.packRuns(
                    b,
                    bAt,
                    kB,
                    first,
                    last,
                    runs,
                    lengths,
                    firstRun[panel],
                    firstRun[panel + 1],
                    to,
                    at);
            return;
        }
        int column = panel * width;
        for (int p = first; p < last; p++) {
            int from = bAt + kB[p];
            int row = at + (p - first) * width;
            for (int c = 0; c < count; c++) to[row + c] = b[from + columnB[column + c]];
        }
    }
}
