package io.webdnn.compiler.contract;

import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction by tiles: the rows of `a` packed into panels, columns of `b` side by side.
///
/// The *lane* axis of n runs along neighbours in b. If b has another axis whose steps are not much
/// longer than the lane axis (the rows of an image that a convolution slides over), both are walked
/// as one, and the sums between the rows are thrown away. Without a lane axis columns are gathered.
///
/// A *unit* is one point of the batch and of the other axes of n. Units, rows and columns are cut
/// into pieces by shape alone.
final class TileContraction extends BoundContraction {
    private static final int K_BLOCK = 256;
    private static final int PIECES = 32;

    /// Elements of packed columns: a share of the second cache.
    private static final int PANEL = 32 * 1024;

    /// Rows from which packing columns pays.
    private static final int PACKED_FROM = 24;

    private final Kernels kernels = Kernels.best();
    private final @Nullable Epilogue epilogue;
    private final int aArray;
    private final int bArray;

    // rows
    private final int m;
    private final int[] rowA;
    private final int[] rowY;
    private final int[] kA;
    private final int aStart;
    private final boolean packOnce;
    private final float[] packed;
    private final int packedBatch;
    private final int[] batchA;
    private boolean isPacked;

    // columns
    private final int columns;
    private final int @Nullable [] columnB;
    private final int[][] kB;
    private final int[] panelSteps;
    private final int k;
    private final int chunk;
    private final int lanes;

    /// The largest step of each block of k.
    private final int[] farthest;

    private final boolean packColumns;

    /// Columns that are packed at a time.
    private final int stretch;

    private final int panelPitch;

    // sums
    private final boolean isDirect;
    private final int pitch;
    private final int[] columnY;
    private final int stripes;
    private final int stripeStep;
    private final int stripeY;
    private final int stripeLength;

    // units
    private final int[] unitBatch;
    private final int[] unitB;
    private final int[] unitY;
    private final int groups;
    private final int columnParts;
    private final int rowParts;
    private final boolean epilogueInside;

    TileContraction(Roles roles, @Nullable Axis lane, @Nullable Epilogue epilogue) {
        this.epilogue = epilogue;
        aArray = roles.array(A);
        bArray = roles.array(B);
        rowA = Axis.offsets(roles.m(), Axis.Operand.A);
        rowY = Axis.offsets(roles.m(), Axis.Operand.Y);
        m = rowA.length;
        kA = Axis.offsets(roles.k(), Axis.Operand.A);
        k = kA.length;
        aStart = roles.aStart();
        packOnce = roles.aIsConstant();
        batchA = Axis.offsets(roles.batch(), Axis.Operand.A);
        packedBatch = Math.multiplyExact(Kernels.paddedRows(m), k);
        packed = new float[Math.multiplyExact(packedBatch, batchA.length)];

        var wide = lane == null ? null : wide(roles.n(), lane);
        columns =
                lane == null
                        ? Axis.count(roles.n())
                        : wide == null
                                ? lane.extent()
                                : (wide.extent() - 1) * wide.b() + lane.extent();
        columnB = lane == null ? Axis.offsets(roles.n(), Axis.Operand.B) : null;
        stripes = wide == null ? 1 : wide.extent();
        stripeStep = wide == null ? 0 : wide.b();
        stripeY = wide == null ? 0 : wide.y();
        stripeLength = lane == null ? columns : lane.extent();
        columnY =
                lane == null
                        ? Axis.offsets(roles.n(), Axis.Operand.Y)
                        : lane.y() == 1 ? new int[0] : Axis.offsets(List.of(lane), Axis.Operand.Y);
        isDirect = lane != null && lane.y() == 1 && wide == null && roles.m().size() <= 1;
        lanes = kernels.lanes();
        pitch =
                isDirect
                        ? (roles.m().isEmpty() ? 0 : roles.m().getFirst().y())
                        : (columns + 2 * lanes - 1) / lanes * lanes;

        chunk = kernels.tileColumns();
        var steps = Axis.offsets(roles.k(), Axis.Operand.B);
        kB = new int[(k + K_BLOCK - 1) / K_BLOCK][];
        for (int i = 0; i < kB.length; i++)
            kB[i] = Arrays.copyOfRange(steps, i * K_BLOCK, Math.min(k, (i + 1) * K_BLOCK));
        farthest = new int[kB.length];
        for (int i = 0; i < kB.length; i++) farthest[i] = Arrays.stream(kB[i]).max().orElse(0);
        panelSteps = new int[Math.min(k, K_BLOCK)];
        packColumns = lane == null || m >= PACKED_FROM && k >= 16;
        int fitting = PANEL / Math.max(1, panelSteps.length) / chunk * chunk;
        stretch = packColumns ? Math.clamp(fitting, chunk, 16 * chunk) : chunk;
        panelPitch = stretch + lanes; // no power of two, which would crowd a few sets of the cache
        for (int i = 0; i < panelSteps.length; i++) panelSteps[i] = i * panelPitch;

        var others = lane == null ? List.<Axis>of() : Axis.without(roles.n(), lane, wide);
        var outer = roles.outermost(Roles.join(null, roles.batch(), others));
        var units = Roles.join(outer, others, roles.batch());
        unitB = Axis.offsets(units, Axis.Operand.B);
        unitY = Axis.offsets(units, Axis.Operand.Y);
        for (int u = 0; u < unitB.length; u++) {
            unitB[u] += roles.bStart();
            unitY[u] += roles.yStart();
        }
        unitBatch = batches(units, roles.batch());
        epilogueInside =
                epilogue != null && outer != null && epilogue.extent() % outer.extent() == 0;
        if (epilogueInside && outer != null) {
            groups = outer.extent();
            columnParts = 1;
            rowParts = 1;
        } else {
            groups = unitB.length;
            int wanted = Math.max(1, PIECES / Math.max(1, groups));
            columnParts =
                    Math.max(
                            1,
                            Math.min(
                                    wanted,
                                    Math.min(columns / chunk, stripes > 1 ? stripes : columns)));
            int rows = (m + Kernels.TILE_ROWS - 1) / Kernels.TILE_ROWS;
            rowParts = Math.max(1, Math.min(wanted / columnParts, rows / 2));
        }
    }

    /// An axis that can be walked together with the lane axis at the cost of some sums thrown away.
    private static @Nullable Axis wide(List<Axis> n, Axis lane) {
        if (lane.extent() >= 128) return null;
        for (var axis : n) {
            if (axis != lane
                    && axis.b() > lane.extent()
                    && axis.b() <= lane.extent() + lane.extent() / 2 + 2
                    && lane.y() == 1) return axis;
        }
        return null;
    }

    /// The number of each unit's batch.
    private static int[] batches(List<Axis> units, List<Axis> batch) {
        var numbered = new java.util.ArrayList<Axis>();
        for (var axis : units) {
            int step = 0;
            int after = 1;
            for (int d = batch.size() - 1; d >= 0; d--) {
                if (batch.get(d) == axis) step = after;
                after *= batch.get(d).extent();
            }
            numbered.add(new Axis(axis.extent(), step, 0, 0));
        }
        return Axis.offsets(numbered, Axis.Operand.A);
    }

    @Override
    public void run() {
        if (m == 0 || columns == 0 || unitB.length == 0) return;
        if (!isPacked) {
            pack();
            isPacked = packOnce;
        }
        Workers.shared().run(groups * columnParts * rowParts, pieces);
        if (epilogue != null && !epilogueInside) epilogue.run();
    }

    private final Workers.Piece pieces = this::piece;
    private final Workers.Piece packing = this::packPart;

    private void piece(int index) {
        int rowPart = index % rowParts;
        int columnPart = index / rowParts % columnParts;
        int group = index / rowParts / columnParts;
        int perGroup = unitB.length / groups;
        int from = border(columnPart);
        int to =
                stripes > 1
                        ? border(columnPart + 1) - stripeStep + stripeLength
                        : Math.min(columns, border(columnPart + 1));
        int rows = (m + Kernels.TILE_ROWS - 1) / Kernels.TILE_ROWS;
        int top = (int) ((long) rows * rowPart / rowParts) * Kernels.TILE_ROWS;
        int bottom =
                Math.min(m, (int) ((long) rows * (rowPart + 1) / rowParts) * Kernels.TILE_ROWS);
        var scratch = Scratch.own();
        for (int u = group * perGroup; u < (group + 1) * perGroup; u++)
            unit(u, from, to, top, bottom, scratch);
        if (epilogueInside && epilogue != null) {
            int each = epilogue.extent() / groups;
            epilogue.run(group * each, (group + 1) * each);
        }
    }

    /// The first column of a part: of a stripe, or of a chunk.
    private int border(int part) {
        int count = stripes > 1 ? stripes : (columns + chunk - 1) / chunk;
        return (int) ((long) count * part / columnParts) * (stripes > 1 ? stripeStep : chunk);
    }

    private void unit(int u, int from, int to, int top, int bottom, Scratch scratch) {
        var y = array(Y);
        float[] sums = isDirect ? y : scratch.sums(Math.multiplyExact(m, pitch));
        if (k == 0) {
            for (int row = top; row < bottom; row++) {
                int at = isDirect ? unitY[u] + row * pitch : row * pitch;
                Arrays.fill(sums, at + from, at + to, 0);
            }
        }
        for (int block = 0; block < kB.length; block++) {
            for (int j = from; j < to; j += stretch)
                stretch(u, block, j, Math.min(stretch, to - j), top, bottom, sums, scratch);
        }
        if (!isDirect) scatter(u, sums, y, from, to, top, bottom);
    }

    /// The columns `j … j + width − 1` for one block of k. The last ones may be fewer than a vector
    /// has: then the vector reaches into what follows in b, or into padding where nothing follows,
    /// and its sums are not taken over.
    private void stretch(
            int u,
            int block,
            int j,
            int width,
            int top,
            int bottom,
            float[] sums,
            Scratch scratch) {
        var b = array(bArray);
        var steps = kB[block];
        int padded = (width + lanes - 1) / lanes * lanes;
        float[] panel = b;
        int panelAt = unitB[u] + j;
        int[] panelK = steps;
        if (packColumns || panelAt + farthest[block] + padded > b.length) {
            panel = scratch.panel(K_BLOCK * panelPitch);
            packColumns(b, unitB[u], steps, j, width, panel);
            panelAt = 0;
            panelK = panelSteps;
        }
        for (int row = top; row < bottom; row += Kernels.TILE_ROWS) {
            for (int c = 0; c < width; c += chunk) {
                int columns = Math.min(chunk, width - c);
                int rows = Math.min(Kernels.TILE_ROWS, bottom - row);
                int at = (isDirect ? unitY[u] : 0) + row * pitch + j + c;
                tile(
                        unitBatch[u] * packedBatch,
                        row,
                        rows,
                        block,
                        panel,
                        panelAt + c,
                        panelK,
                        sums,
                        at,
                        columns,
                        scratch);
            }
        }
    }

    private void tile(
            int aAt,
            int row,
            int rows,
            int block,
            float[] panel,
            int panelAt,
            int[] panelK,
            float[] sums,
            int at,
            int width,
            Scratch scratch) {
        int height = Kernels.tileRows(m - row);
        int padded = (width + lanes - 1) / lanes * lanes;
        int from = aAt + row * k + block * K_BLOCK * height;
        int length = kB[block].length;
        if (!isDirect || padded == width) {
            kernels.tile(
                    height, rows, packed, from, panel, panelAt, panelK, length, sums, at, pitch,
                    padded, block > 0);
            return;
        }
        float[] aside = scratch.tile(Kernels.TILE_ROWS * chunk);
        if (block > 0) kernels.copyRows(sums, at, pitch, aside, 0, chunk, rows, width);
        kernels.tile(
                height, rows, packed, from, panel, panelAt, panelK, length, aside, 0, chunk, padded,
                block > 0);
        kernels.copyRows(aside, 0, chunk, sums, at, pitch, rows, width);
    }

    private void packColumns(float[] b, int at, int[] steps, int j, int width, float[] panel) {
        if (columnB == null) {
            kernels.gatherRows(b, at + j, steps, steps.length, panel, 0, panelPitch, width);
            return;
        }
        for (int c = 0; c < width; c++) {
            int column = at + columnB[j + c];
            for (int p = 0; p < steps.length; p++) panel[p * panelPitch + c] = b[column + steps[p]];
        }
    }

    /// Moves sums from the scratch to their places.
    private void scatter(int u, float[] sums, float[] y, int from, int to, int top, int bottom) {
        for (int row = top; row < bottom; row++) {
            int at = row * pitch;
            int yAt = unitY[u] + rowY[row];
            if (stripes > 1) {
                int first = from / stripeStep;
                int count = (to - from + stripeStep - stripeLength) / stripeStep;
                kernels.copyRows(
                        sums,
                        at + from,
                        stripeStep,
                        y,
                        yAt + first * stripeY,
                        stripeY,
                        count,
                        stripeLength);
            } else if (columnY.length == 0) {
                System.arraycopy(sums, at + from, y, yAt + from, to - from);
            } else {
                for (int j = from; j < to; j++) y[yAt + columnY[j]] = sums[at + j];
            }
        }
    }

    // Rows

    private void pack() {
        int all = (m + Kernels.TILE_ROWS - 1) / Kernels.TILE_ROWS * batchA.length;
        if ((long) packed.length < 1 << 15) {
            for (int i = 0; i < all; i++) packPart(i);
        } else {
            Workers.shared().run(all, packing);
        }
    }

    private void packPart(int index) {
        int rows = (m + Kernels.TILE_ROWS - 1) / Kernels.TILE_ROWS;
        int batch = index / rows;
        int row = index % rows * Kernels.TILE_ROWS;
        int height = Kernels.tileRows(m - row);
        int to = batch * packedBatch + row * k;
        var a = array(aArray);
        for (int i = 0; i < height && row + i < m; i++) {
            int from = aStart + batchA[batch] + rowA[row + i];
            for (int p = 0; p < k; p++) packed[to + p * height + i] = a[from + kA[p]];
        }
    }
}
