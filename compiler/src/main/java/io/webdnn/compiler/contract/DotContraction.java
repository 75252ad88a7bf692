package io.webdnn.compiler.contract;

import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A contraction by inner products of runs that are neighbours in both factors: `x · Wᵀ`, the
/// weight gradient of a convolution.
///
/// The sums are a grid of 4 × 4 blocks, cut into pieces of neighbouring blocks. Where there are few
/// blocks and many runs, the runs are cut, too; the parts are added in order. Long runs are walked
/// part by part, so that the rows of a piece stay in the cache.
final class DotContraction extends BoundContraction {
    private static final int BLOCK = Kernels.DOT_BLOCK;
    private static final int LONGEST_RUN = 1_024;
    private static final int BLOCKS_PER_SIDE = 8;
    private static final int FEW_BLOCKS = 128;
    private static final int PARTS = 8;

    /// Elements of both factors that are walked before the next block takes its turn.
    private static final int IN_CACHE = 48 * 1024;

    private final Kernels kernels = Kernels.best();
    private final @Nullable Epilogue epilogue;
    private final @Nullable WideFactor wideA;
    private final int aArray;
    private final int bArray;
    private final int m;
    private final int n;
    private final int[] rowA;
    private final int[] rowB;
    private final int[] rowY;
    private final int[] columnY;
    private final int[] batchA;
    private final int[] batchB;
    private final int[] batchY;
    private final Runs[] runs;
    private final int rowGroups;
    private final int columnGroups;
    private final int parts;
    private final float[] partial;
    private float[] factorA = new float[0];

    /// Runs of one length.
    private static final class Runs {
        final int[] a;
        final int[] b;
        final int length;

        Runs(int[] a, int[] b, int length) {
            this.a = a;
            this.b = b;
            this.length = length;
        }
    }

    DotContraction(Roles given, @Nullable Epilogue epilogue) {
        this.epilogue = epilogue;
        var straight = WideFactor.of(given, longest(given));
        var turned = given.swapped();
        wideA = straight != null ? straight : WideFactor.of(turned, longest(turned));
        var roles = wideA != null ? wideA.roles() : given;
        aArray = roles.array(A);
        bArray = roles.array(B);
        rowA = padded(Axis.offsets(roles.m(), Axis.Operand.A));
        rowB = padded(Axis.offsets(roles.n(), Axis.Operand.B));
        rowY = Axis.offsets(roles.m(), Axis.Operand.Y);
        columnY = Axis.offsets(roles.n(), Axis.Operand.Y);
        m = rowY.length;
        n = columnY.length;
        batchA = plus(Axis.offsets(roles.batch(), Axis.Operand.A), roles.aStart());
        batchB = plus(Axis.offsets(roles.batch(), Axis.Operand.B), roles.bStart());
        batchY = plus(Axis.offsets(roles.batch(), Axis.Operand.Y), roles.yStart());
        var run = longest(roles);
        var others = Axis.without(roles.k(), run);
        runs =
                runs(
                        Axis.offsets(others, Axis.Operand.A),
                        Axis.offsets(others, Axis.Operand.B),
                        run.extent());
        int rows = rowA.length / BLOCK;
        int columns = rowB.length / BLOCK;
        int steps = runs.length == 0 ? 0 : runs[0].a.length;
        parts = rows * columns * batchA.length <= FEW_BLOCKS && steps >= 8 * PARTS ? PARTS : 1;
        rowGroups = parts > 1 ? 1 : (rows + BLOCKS_PER_SIDE - 1) / BLOCKS_PER_SIDE;
        columnGroups = parts > 1 ? 1 : (columns + BLOCKS_PER_SIDE - 1) / BLOCKS_PER_SIDE;
        partial = new float[parts > 1 ? batchA.length * parts * m * n : 0];
    }

    /// The longest run of neighbours in both factors.
    private static Axis longest(Roles roles) {
        Axis longest = null;
        for (var axis : roles.k()) {
            if (axis.a() == 1
                    && axis.b() == 1
                    && (longest == null || axis.extent() > longest.extent())) longest = axis;
        }
        return Objects.requireNonNull(longest);
    }

    /// Repeats the last row until blocks are full.
    private static int[] padded(int[] rows) {
        int full = (rows.length + BLOCK - 1) / BLOCK * BLOCK;
        var padded = Arrays.copyOf(rows, full);
        for (int i = rows.length; i < full; i++) padded[i] = rows[rows.length - 1];
        return padded;
    }

    private static int[] plus(int[] offsets, int start) {
        for (int i = 0; i < offsets.length; i++) offsets[i] += start;
        return offsets;
    }

    private static Runs[] runs(int[] a, int[] b, int length) {
        if (length <= LONGEST_RUN) return new Runs[] {new Runs(a, b, length)};
        int pieces = length / LONGEST_RUN;
        int rest = length % LONGEST_RUN;
        var whole = new Runs(spread(a, pieces, 0), spread(b, pieces, 0), LONGEST_RUN);
        if (rest == 0) return new Runs[] {whole};
        int from = pieces * LONGEST_RUN;
        return new Runs[] {whole, new Runs(spread(a, 1, from), spread(b, 1, from), rest)};
    }

    private static int[] spread(int[] offsets, int pieces, int from) {
        var all = new int[offsets.length * pieces];
        for (int i = 0; i < offsets.length; i++) {
            for (int p = 0; p < pieces; p++)
                all[i * pieces + p] = offsets[i] + from + p * LONGEST_RUN;
        }
        return all;
    }

    @Override
    public void run() {
        if (m == 0 || n == 0 || batchA.length == 0) return;
        factorA = wideA == null ? array(aArray) : wideA.copy(array(aArray));
        Workers.shared().run(batchA.length * rowGroups * columnGroups * parts, pieces);
        if (parts > 1) addParts();
        if (epilogue != null) epilogue.run();
    }

    private final Workers.Piece pieces = this::piece;

    private void piece(int index) {
        int part = index % parts;
        int columnGroup = index / parts % columnGroups;
        int rowGroup = index / parts / columnGroups % rowGroups;
        int batch = index / parts / columnGroups / rowGroups;
        int rows = rowA.length / BLOCK;
        int columns = rowB.length / BLOCK;
        int top = rows * rowGroup / rowGroups;
        int bottom = rows * (rowGroup + 1) / rowGroups;
        int left = columns * columnGroup / columnGroups;
        int right = columns * (columnGroup + 1) / columnGroups;
        int width = BLOCK * BLOCK * kernels.lanes();
        int blocks = (bottom - top) * (right - left);
        var sums = Scratch.own().sums(blocks * width);
        Arrays.fill(sums, 0, blocks * width, 0);
        var a = factorA;
        var b = array(bArray);
        for (var run : runs) {
            int all = run.a.length;
            int first = (int) ((long) all * part / parts);
            int last = (int) ((long) all * (part + 1) / parts);
            int perStep = (bottom - top + right - left) * BLOCK * run.length;
            int stride = Math.max(1, IN_CACHE / Math.max(1, perStep));
            for (int s = first; s < last; s += stride) {
                int to = Math.min(last, s + stride);
                int at = 0;
                for (int i = top; i < bottom; i++) {
                    for (int j = left; j < right; j++) {
                        kernels.dot(
                                a,
                                batchA[batch],
                                rowA,
                                i * BLOCK,
                                run.a,
                                b,
                                batchB[batch],
                                rowB,
                                j * BLOCK,
                                run.b,
                                s,
                                to,
                                run.length,
                                sums,
                                at);
                        at += width;
                    }
                }
            }
        }
        finish(batch, part, top, bottom, left, right, sums);
    }

    private void finish(
            int batch, int part, int top, int bottom, int left, int right, float[] sums) {
        var y = array(Y);
        int width = BLOCK * BLOCK * kernels.lanes();
        int at = 0;
        for (int i = top; i < bottom; i++) {
            for (int j = left; j < right; j++, at += width) {
                for (int r = 0; r < BLOCK && i * BLOCK + r < m; r++) {
                    for (int c = 0; c < BLOCK && j * BLOCK + c < n; c++) {
                        float sum = kernels.sumLanes(sums, at + (r * BLOCK + c) * kernels.lanes());
                        int row = i * BLOCK + r;
                        int column = j * BLOCK + c;
                        if (parts > 1)
                            partial[((batch * parts + part) * m + row) * n + column] = sum;
                        else y[batchY[batch] + rowY[row] + columnY[column]] = sum;
                    }
                }
            }
        }
    }

    private void addParts() {
        var y = array(Y);
        for (int batch = 0; batch < batchA.length; batch++) {
            for (int row = 0; row < m; row++) {
                for (int column = 0; column < n; column++) {
                    float sum = 0;
                    for (int part = 0; part < parts; part++)
                        sum += partial[((batch * parts + part) * m + row) * n + column];
                    y[batchY[batch] + rowY[row] + columnY[column]] = sum;
                }
            }
        }
    }
}
