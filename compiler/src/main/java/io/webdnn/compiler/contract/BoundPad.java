package io.webdnn.compiler.contract;

import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;
import java.util.Arrays;

/// A tensor in a frame of zeros, for one set of sizes. The last two axes are a plane; planes are
/// filled one by one.
public final class BoundPad {
    /// Where the arrays stand in [#arrays].
    public static final int FROM = 0;

    public static final int TO = 1;

    private static final int ELEMENTS_PER_PIECE = 16 * 1024;

    private final Object[] arrays = new Object[2];
    private final Kernels kernels = Kernels.best();

    /// Where each plane of the result comes from; −1 for one that is all zeros.
    private final int[] planes;

    private final int rows;
    private final int columns;
    private final int firstRow;
    private final int firstColumn;
    private final int toColumns;
    private final int toPlane;
    private final int pieces;

    private BoundPad(
            int[] planes,
            int rows,
            int columns,
            int firstRow,
            int firstColumn,
            int toColumns,
            int toPlane) {
        this.planes = planes;
        this.rows = rows;
        this.columns = columns;
        this.firstRow = firstRow;
        this.firstColumn = firstColumn;
        this.toColumns = toColumns;
        this.toPlane = toPlane;
        pieces =
                Math.clamp(
                        (long) planes.length * toPlane / ELEMENTS_PER_PIECE,
                        1,
                        Math.max(1, planes.length));
    }

    /// {@return the padding for one set of sizes}
    public static BoundPad bind(Call.Pad call, Sizes sizes) {
        var from = atLeastTwoAxes(sizes.of(call.from().type().shape()));
        var to = atLeastTwoAxes(sizes.of(call.to().type().shape()));
        var low = new int[from.length];
        int missing = from.length - call.low().size();
        for (int d = 0; d < call.low().size(); d++)
            low[missing + d] = Math.toIntExact(-call.low().get(d));
        int outer = from.length - 2;
        int rows = from[outer];
        int columns = from[outer + 1];
        int count = 1;
        for (int d = 0; d < outer; d++) count *= to[d];
        var planes = new int[count];
        for (int p = 0; p < count; p++) {
            int rest = p;
            int source = 0;
            int step = 1;
            for (int d = outer - 1; d >= 0; d--) {
                int i = rest % to[d] - low[d];
                rest /= to[d];
                if (i < 0 || i >= from[d]) source = -1;
                if (source >= 0) source += i * step;
                step *= from[d];
            }
            planes[p] = source < 0 ? -1 : source * rows * columns;
        }
        return new BoundPad(
                planes,
                rows,
                columns,
                low[outer],
                low[outer + 1],
                to[outer + 1],
                to[outer] * to[outer + 1]);
    }

    private static int[] atLeastTwoAxes(int[] shape) {
        if (shape.length >= 2) return shape;
        var two = new int[2];
        Arrays.fill(two, 1);
        System.arraycopy(shape, 0, two, 2 - shape.length, shape.length);
        return two;
    }

    /// {@return the arrays, to be set before a run}
    public Object[] arrays() {
        return arrays;
    }

    /// Fills the result.
    public void run() {
        Workers.shared().run(pieces, work);
    }

    private final Workers.Piece work = this::piece;

    private void piece(int index) {
        var from = (float[]) arrays[FROM];
        var to = (float[]) arrays[TO];
        int first = (int) ((long) planes.length * index / pieces);
        int last = (int) ((long) planes.length * (index + 1) / pieces);
        for (int p = first; p < last; p++) {
            int at = p * toPlane;
            Arrays.fill(to, at, at + toPlane, 0);
            if (planes[p] < 0) continue;
            kernels.copyRows(
                    from,
                    planes[p],
                    columns,
                    to,
                    at + firstRow * toColumns + firstColumn,
                    toColumns,
                    rows,
                    columns);
        }
    }
}
