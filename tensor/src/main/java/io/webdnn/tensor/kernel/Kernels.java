package io.webdnn.tensor.kernel;

/// The inner loops that carry most of the arithmetic, for any shape: what compiled programs call
/// instead of emitting their own, so that a virtual machine compiles them once and early.
///
/// Arrays are float32. All offsets count elements. An implementation gives the same bits for the
/// same arguments, however warm it is and whichever thread calls it; two implementations agree up
/// to the order of addition.
public sealed interface Kernels permits ScalarKernels, VectorKernels {
    /// {@return the fastest implementation that this virtual machine can run, the same for all
    /// callers}
    static Kernels best() {
        return KernelChoice.CHOSEN;
    }

    /// {@return the number of floats that are added side by side: the unit of [#dot]'s partial
    /// sums}
    int lanes();

    /// {@return the columns of a panel that [#tile] is fastest for}
    int tileColumns();

    /// Inner loops, by what calls them.
    enum Loop {
        /// [#panel] of whole tiles
        PANEL,
        /// [#tile] of whole tiles
        TILE,
        /// [#dot], [#sum]
        DOT
    }

    /// Starts to run the most important inner loop on tiny arrays until the virtual machine has
    /// compiled it, on a thread of its own: to be called early, while a program is compiled.
    static void prime() {
        Priming.SHARED.start();
    }

    /// Waits until the virtual machine has compiled an inner loop, half a second at first: for a
    /// caller that has much to compute, since before that it is a thousand times slower.
    static void prime(Loop loop) {
        Priming.SHARED.await(loop);
    }

    /// The rows of a full tile; [#tileRows] says which heights there are.
    int TILE_ROWS = 8;

    /// The rows, and the columns, of a block of [#dot].
    int DOT_BLOCK = 4;

    /// {@return the height of the tile that takes the first of so many remaining rows: 8 or 4; rows
    /// of a tile beyond `rows` are padding}
    static int tileRows(int rows) {
        return rows > 4 ? 8 : 4;
    }

    /// {@return the rows of all tiles over so many rows, padding included}
    static int paddedRows(int rows) {
        int full = rows / TILE_ROWS * TILE_ROWS;
        return full == rows ? rows : full + tileRows(rows - full);
    }

    /// A tile of a product of matrices: `c[cAt + i·cPitch + j] (+)= Σ_k a[aAt + k·height + i] ·
    /// b[bAt + bSteps[k] + j]` for `0 ≤ i < rows`, `0 ≤ j < columns`, in the order of k.
    ///
    /// @param height 4 or 8, the rows of the tile that stand side by side in `a`
    /// @param rows how many of them are written; the others are padding
    /// @param columns a multiple of [#lanes]: rows of `b` and `c` must be as long, even if less of
    ///   them is wanted
    /// @param bSteps where the row of each k begins; only the first `k` are read
    /// @param accumulate whether the sum starts from what stands in `c`, not from 0
    void tile(
            int height,
            int rows,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int[] bSteps,
            int k,
            float[] c,
            int cAt,
            int cPitch,
            int columns,
            boolean accumulate);

    /// [#tile] for a `b` that lies packed: the row of each k is [#tileColumns] long and follows the
    /// one before.
    ///
    /// @param columns a multiple of [#lanes], at most [#tileColumns]
    void panel(
            int height,
            int rows,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int k,
            float[] c,
            int cAt,
            int cPitch,
            int columns,
            boolean accumulate);

    /// Packs columns for [#panel]: row `s` of the panel is, one after the other, the runs
    /// `from[fromAt
    /// + steps[s] + runs[r] … + lengths[r] − 1]` for `firstRun ≤ r < lastRun`, together at most
    ///   [#tileColumns] elements; what then follows in the row is undefined.
    void packRuns(
            float[] from,
            int fromAt,
            int[] steps,
            int firstStep,
            int lastStep,
            int[] runs,
            int[] lengths,
            int firstRun,
            int lastRun,
            float[] to,
            int toAt);

    /// A block of 4 × 4 inner products over runs of neighbouring elements: `Σ_{s} Σ_{l < length}
    /// a[aAt + aRows[row + i] + aSteps[s] + l] · b[bAt + bRows[column + j] + bSteps[s] + l]` for
    /// `from ≤ s < to`, added to partial sums: product (i, j) owns [#lanes] of them from
    /// `sums[sumsAt + (4·i + j)·lanes]` on. [#sumLanes] adds them up.
    void dot(
            float[] a,
            int aAt,
            int[] aRows,
            int row,
            int[] aSteps,
            float[] b,
            int bAt,
            int[] bRows,
            int column,
            int[] bSteps,
            int from,
            int to,
            int length,
            float[] sums,
            int sumsAt);

    /// {@return the sum of the partial sums of one product, always added in the same order}
    default float sumLanes(float[] sums, int at) {
        int width = lanes();
        float total = 0;
        for (int i = 0; i < width; i++) total += sums[at + i];
        return total;
    }

    /// {@return the sum of `n` neighbouring elements, in an order that depends on `n` alone}
    float sum(float[] x, int at, int n);

    /// Maxima: `y[yAt + j] = max_s x[xAt + steps[s] + j]` for `j < columns`, over all steps, at
    /// least one; NaN if an element is.
    default void maxima(float[] x, int xAt, int[] steps, float[] y, int yAt, int columns) {
        for (int j = 0; j < columns; j++) {
            float best = x[xAt + steps[0] + j];
            for (int s = 1; s < steps.length; s++) best = Math.max(best, x[xAt + steps[s] + j]);
            y[yAt + j] = best;
        }
    }

    /// Copies rows of `columns` elements, `rows` of them, from one pitch to another.
    void copyRows(
            float[] from,
            int fromAt,
            int fromPitch,
            float[] to,
            int toAt,
            int toPitch,
            int rows,
            int columns);

    /// Copies rows of `columns` elements that begin at `fromAt + steps[0 … rows − 1]`.
    void gatherRows(
            float[] from,
            int fromAt,
            int[] steps,
            int rows,
            float[] to,
            int toAt,
            int toPitch,
            int columns);

    /// Transposes: `to[toAt + j·toPitch + i] = from[fromAt + i·fromPitch + j]` for `i < rows`, `j <
    /// columns`.
    void transpose(
            float[] from,
            int fromAt,
            int fromPitch,
            float[] to,
            int toAt,
            int toPitch,
            int rows,
            int columns);
}
