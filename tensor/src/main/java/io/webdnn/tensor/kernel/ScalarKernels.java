package io.webdnn.tensor.kernel;

import java.util.Arrays;

/// The kernels in plain Java: for virtual machines without the Vector API, and what [VectorKernels]
/// is compared with.
final class ScalarKernels implements Kernels {
    private static final int LANES = 8;

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public int tileColumns() {
        return 16;
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
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j += 4) {
                int at = cAt + i * cPitch + j;
                int wide = Math.min(4, columns - j);
                strip(a, aAt + i, height, b, bAt + j, bSteps, k, c, at, wide, accumulate);
            }
        }
    }

    /// One row, up to four columns; those beyond `wide` repeat the last.
    private static void strip(
            float[] a,
            int aAt,
            int height,
            float[] b,
            int bAt,
            int[] bSteps,
            int k,
            float[] c,
            int cAt,
            int wide,
            boolean accumulate) {
        int j1 = Math.min(1, wide - 1);
        int j2 = Math.min(2, wide - 1);
        int j3 = wide - 1;
        float s0 = accumulate ? c[cAt] : 0;
        float s1 = accumulate ? c[cAt + j1] : 0;
        float s2 = accumulate ? c[cAt + j2] : 0;
        float s3 = accumulate ? c[cAt + j3] : 0;
        for (int p = 0; p < k; p++) {
            int at = bAt + bSteps[p];
            float x = a[aAt + p * height];
            s0 += x * b[at];
            s1 += x * b[at + j1];
            s2 += x * b[at + j2];
            s3 += x * b[at + j3];
        }
        c[cAt] = s0;
        c[cAt + j1] = s1;
        c[cAt + j2] = s2;
        c[cAt + j3] = s3;
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
        for (int i = 0; i < rows; i++) {
            int at = cAt + i * cPitch;
            if (!accumulate) Arrays.fill(c, at, at + columns, 0);
            for (int p = 0; p < k; p++) {
                float x = a[aAt + p * height + i];
                int row = bAt + p * tileColumns();
                for (int j = 0; j < columns; j++) c[at + j] += x * b[row + j];
            }
        }
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
        for (int s = firstStep; s < lastStep; s++) {
            int at = toAt + (s - firstStep) * tileColumns();
            for (int r = firstRun; r < lastRun; r++) {
                System.arraycopy(from, fromAt + steps[s] + runs[r], to, at, lengths[r]);
                at += lengths[r];
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
        for (int i = 0; i < DOT_BLOCK; i++) {
            for (int j = 0; j < DOT_BLOCK; j++) {
                int at = sumsAt + (i * DOT_BLOCK + j) * LANES;
                for (int s = from; s < to; s++) {
                    int x = aAt + aRows[row + i] + aSteps[s];
                    int y = bAt + bRows[column + j] + bSteps[s];
                    oneDot(a, x, b, y, length, sums, at);
                }
            }
        }
    }

    private static void oneDot(
            float[] a, int aAt, float[] b, int bAt, int length, float[] sums, int at) {
        float s0 = sums[at];
        float s1 = sums[at + 1];
        float s2 = sums[at + 2];
        float s3 = sums[at + 3];
        int l = 0;
        for (; l + 4 <= length; l += 4) {
            s0 += a[aAt + l] * b[bAt + l];
            s1 += a[aAt + l + 1] * b[bAt + l + 1];
            s2 += a[aAt + l + 2] * b[bAt + l + 2];
            s3 += a[aAt + l + 3] * b[bAt + l + 3];
        }
        for (; l < length; l++) s0 += a[aAt + l] * b[bAt + l];
        sums[at] = s0;
        sums[at + 1] = s1;
        sums[at + 2] = s2;
        sums[at + 3] = s3;
    }

    @Override
    public float sum(float[] x, int at, int n) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            s0 += x[at + i];
            s1 += x[at + i + 1];
            s2 += x[at + i + 2];
            s3 += x[at + i + 3];
        }
        for (; i < n; i++) s0 += x[at + i];
        return (s0 + s1) + (s2 + s3);
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
        for (int i = 0; i < rows; i++)
            System.arraycopy(from, fromAt + i * fromPitch, to, toAt + i * toPitch, columns);
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
        for (int i = 0; i < rows; i++)
            System.arraycopy(from, fromAt + steps[i], to, toAt + i * toPitch, columns);
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
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++)
                to[toAt + j * toPitch + i] = from[fromAt + i * fromPitch + j];
        }
    }
}
