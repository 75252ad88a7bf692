package io.webdnn.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The kernels with the Vector API.
///
/// Each inner loop is a method of its own ([VectorTiles], [VectorDots]) whose accumulators stay in
/// registers, since vectors that leave a method are boxed. Only the preferred species is used: a
/// second one in the same process makes the call sites inside the API polymorphic, and everything
/// boxed.
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    /// Rows and columns that are transposed at a time, so that both sides stay in the cache.
    private static final int BLOCK = 16;

    /// Eight rows by two vectors need 16 accumulators and three operands: more than the 16
    /// registers of AVX2, which takes four rows at a time.
    private static final boolean EIGHT_ROWS = L != 8;

    @Override
    public int lanes() {
        return L;
    }

    @Override
    public int tileColumns() {
        return 2 * L;
    }

    @Override
    public void tile(
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
            boolean accumulate) {
        if (rows == 1) {
            int j = 0;
            for (; j <= columns - 4 * L; j += 4 * L)
                VectorRows.four(height, a, aAt, b, bAt + j, bSteps, k, c, cAt + j, accumulate);
            for (; j < columns; j += L)
                VectorRows.one(height, a, aAt, b, bAt + j, bSteps, k, c, cAt + j, accumulate);
            return;
        }
        if (height == 8 && EIGHT_ROWS && rows > 4) {
            int j = 0;
            for (; j <= columns - 2 * L; j += 2 * L)
                VectorTiles.eight(
                        height,
                        rows,
                        a,
                        aAt,
                        b,
                        bAt + j,
                        bSteps,
                        k,
                        c,
                        cAt + j,
                        cPitch,
                        accumulate);
            if (j < columns)
                VectorTiles.eightNarrow(
                        height,
                        rows,
                        a,
                        aAt,
                        b,
                        bAt + j,
                        bSteps,
                        k,
                        c,
                        cAt + j,
                        cPitch,
                        accumulate);
            return;
        }
        for (int i = 0; i < rows; i += 4) {
            int wanted = Math.min(4, rows - i);
            int at = cAt + i * cPitch;
            int j = 0;
            for (; j <= columns - 2 * L; j += 2 * L)
                VectorTiles.four(
                        height,
                        wanted,
                        a,
                        aAt + i,
                        b,
                        bAt + j,
                        bSteps,
                        k,
                        c,
                        at + j,
                        cPitch,
                        accumulate);
            if (j < columns)
                VectorTiles.fourNarrow(
                        height,
                        wanted,
                        a,
                        aAt + i,
                        b,
                        bAt + j,
                        bSteps,
                        k,
                        c,
                        at + j,
                        cPitch,
                        accumulate);
        }
    }

    @Override
    public void panel(
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
            boolean accumulate) {
        boolean isWide = columns > L;
        if (height == 8 && EIGHT_ROWS && rows > 4) {
            if (isWide)
                VectorPanels.eight(height, rows, a, aAt, b, bAt, k, c, cAt, cPitch, accumulate);
            else
                VectorPanels.eightNarrow(
                        height, rows, a, aAt, b, bAt, k, c, cAt, cPitch, accumulate);
            return;
        }
        for (int i = 0; i < rows; i += 4) {
            int wanted = Math.min(4, rows - i);
            int at = cAt + i * cPitch;
            if (isWide)
                VectorPanels.four(height, wanted, a, aAt + i, b, bAt, k, c, at, cPitch, accumulate);
            else
                VectorPanels.fourNarrow(
                        height, wanted, a, aAt + i, b, bAt, k, c, at, cPitch, accumulate);
        }
    }

    @Override
    public void maxima(float[] x, int xAt, int[] steps, float[] y, int yAt, int columns) {
        if (columns < L) {
            Kernels.super.maxima(x, xAt, steps, y, yAt, columns);
            return;
        }
        int j = 0;
        for (; j < columns - 2 * L; j += 2 * L) VectorRows.maxima(x, xAt + j, steps, y, yAt + j);
        for (; j < columns - L; j += L) VectorRows.maximum(x, xAt + j, steps, y, yAt + j);
        // the last vector, which may cover what is there already
        VectorRows.maximum(x, xAt + columns - L, steps, y, yAt + columns - L);
    }

    @Override
    public void packRuns(
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
            int toAt) {
        int y = toAt;
        for (int s = firstStep; s < lastStep; s++) {
            int at = y;
            y += 2 * L;
            for (int r = firstRun; r < lastRun; r++) {
                int x = fromAt + steps[s] + runs[r];
                int length = lengths[r];
                if (s == lastStep - 1 || x + length + L > from.length) {
                    System.arraycopy(from, x, to, at, length);
                } else { // whole vectors: what is too much is written over by the next run
                    for (int i = 0; i < length; i += L)
                        FloatVector.fromArray(S, from, x + i).intoArray(to, at + i);
                }
                at += length;
            }
        }
    }

    @Override
    public void dot(
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
            int sumsAt) {
        int a0 = aAt + aRows[row];
        int a1 = aAt + aRows[row + 1];
        int a2 = aAt + aRows[row + 2];
        int a3 = aAt + aRows[row + 3];
        int b0 = bAt + bRows[column];
        int b1 = bAt + bRows[column + 1];
        int b2 = bAt + bRows[column + 2];
        int b3 = bAt + bRows[column + 3];
        int whole = length / L * L;
        int rest = length - whole;
        if (whole > 0)
            VectorDots.dotWhole(
                    a, a0, a1, a2, a3, aSteps, b, b0, b1, b2, b3, bSteps, from, to, whole, sums,
                    sumsAt);
        if (rest > 0) {
            b0 += whole;
            b1 += whole;
            b2 += whole;
            b3 += whole;
            VectorDots.dotRest(
                    a,
                    a0 + whole,
                    a1 + whole,
                    aSteps,
                    b,
                    b0,
                    b1,
                    b2,
                    b3,
                    bSteps,
                    from,
                    to,
                    rest,
                    sums,
                    sumsAt);
            VectorDots.dotRest(
                    a,
                    a2 + whole,
                    a3 + whole,
                    aSteps,
                    b,
                    b0,
                    b1,
                    b2,
                    b3,
                    bSteps,
                    from,
                    to,
                    rest,
                    sums,
                    sumsAt + 8 * L);
        }
    }

    @Override
    public float sum(float[] x, int at, int n) {
        var s0 = FloatVector.zero(S);
        var s1 = s0;
        var s2 = s0;
        var s3 = s0;
        int i = 0;
        for (; i <= n - 4 * L; i += 4 * L) {
            s0 = s0.add(FloatVector.fromArray(S, x, at + i));
            s1 = s1.add(FloatVector.fromArray(S, x, at + i + L));
            s2 = s2.add(FloatVector.fromArray(S, x, at + i + 2 * L));
            s3 = s3.add(FloatVector.fromArray(S, x, at + i + 3 * L));
        }
        for (; i <= n - L; i += L) s0 = s0.add(FloatVector.fromArray(S, x, at + i));
        var both = s0.add(s1).add(s2.add(s3));
        float total = 0;
        // not reduceLanes: its order is not defined, and differs between interpreter and compiler
        for (int l = 0; l < L; l++) total += both.lane(l);
        for (; i < n; i++) total += x[at + i];
        return total;
    }

    @Override
    public void copyRows(
            float[] from,
            int fromAt,
            int fromPitch,
            float[] to,
            int toAt,
            int toPitch,
            int rows,
            int columns) {
        int whole = columns / L * L;
        var mask = S.indexInRange(whole, columns);
        for (int i = 0; i < rows; i++) {
            int x = fromAt + i * fromPitch;
            int y = toAt + i * toPitch;
            for (int j = 0; j < whole; j += L)
                FloatVector.fromArray(S, from, x + j).intoArray(to, y + j);
            if (whole < columns)
                FloatVector.fromArray(S, from, x + whole, mask).intoArray(to, y + whole, mask);
        }
    }

    @Override
    public void gatherRows(
            float[] from,
            int fromAt,
            int[] steps,
            int rows,
            float[] to,
            int toAt,
            int toPitch,
            int columns) {
        int whole = columns / L * L;
        var mask = S.indexInRange(whole, columns);
        for (int i = 0; i < rows; i++) {
            int x = fromAt + steps[i];
            int y = toAt + i * toPitch;
            for (int j = 0; j < whole; j += L)
                FloatVector.fromArray(S, from, x + j).intoArray(to, y + j);
            if (whole < columns)
                FloatVector.fromArray(S, from, x + whole, mask).intoArray(to, y + whole, mask);
        }
    }

    @Override
    public void transpose(
            float[] from,
            int fromAt,
            int fromPitch,
            float[] to,
            int toAt,
            int toPitch,
            int rows,
            int columns) {
        for (int i0 = 0; i0 < rows; i0 += BLOCK) {
            int rowsHere = Math.min(BLOCK, rows - i0);
            for (int j0 = 0; j0 < columns; j0 += BLOCK) {
                int end = Math.min(j0 + BLOCK, columns);
                for (int j = j0; j < end; j++) {
                    int x = fromAt + i0 * fromPitch + j;
                    int y = toAt + j * toPitch + i0;
                    for (int i = 0; i < rowsHere; i++) to[y + i] = from[x + i * fromPitch];
                }
            }
        }
    }
}
