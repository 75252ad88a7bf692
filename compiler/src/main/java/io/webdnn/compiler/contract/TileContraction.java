package io.webdnn.compiler.contract;

import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction by tiles: the rows of `a` packed, columns of `b` read where they stand, side by
/// side: for few rows, which are not worth a copy of the columns ([PanelContraction]).
///
/// The *lane* axis of n runs along neighbours in b. If b has another axis whose steps are not much
/// longer than the lane axis (the rows of an image that a convolution slides over), both are walked
/// as one, and the sums between the rows are thrown away. If neighbours in y are a few steps apart
/// in b (a stride), so are the sums between them: *thin* says how many steps.
///
/// A *unit* is one point of the batch and of the other axes of n. Units, rows and columns are cut
/// into pieces by shape alone.
final class TileContraction extends BoundContraction {
    private static final int K_BLOCK = 256;
    private static final int PIECES = 32;

    /// Vectors that a single row is computed in at a time.
    private static final int ROW_VECTORS = 8;

    private final Kernels kernels = Kernels.best();
    private final @Nullable Epilogue epilogue;
    private final int bArray;

    // rows
    private final int m;
    private final PackedRows rows;
    private final int[] rowY;

    // columns
    private final int columns;
    private final int[][] kB;
    private final int[] asideSteps;
    private final int k;
    private final int chunk;
    private final int lanes;

    /// The largest step of each block of k.
    private final int[] farthest;

    // sums
    private final boolean isDirect;
    private final int pitch;
    private final int[] columnY;
    private final int stripes;
    private final int stripeStep;
    private final int stripeY;
    private final int stripeLength;
    private final int thin;

    // units
    private final int[] unitBatch;
    private final int[] unitB;
    private final int[] unitY;
    private final int groups;
    private final int columnParts;
    private final int rowParts;
    private final boolean epilogueInside;

    TileContraction(Roles roles, Axis lane, @Nullable Epilogue epilogue) {
        this.epilogue = epilogue;
        bArray = roles.array(B);
        rowY = Axis.offsets(roles.m(), Axis.Operand.Y);
        m = rowY.length;
        k = Axis.count(roles.k());
        rows = new PackedRows(roles, this);

        thin = lane.b();
        int laneLength = (lane.extent() - 1) * thin + 1;
        var wide = thin > 1 ? null : wide(roles.n(), lane);
        columns = wide == null ? laneLength : (wide.extent() - 1) * wide.b() + laneLength;
        stripes = wide == null ? 1 : wide.extent();
        stripeStep = wide == null ? 0 : wide.b();
        stripeY = wide == null ? 0 : wide.y();
        stripeLength = laneLength;
        columnY = lane.y() == 1 ? new int[0] : Axis.offsets(List.of(lane), Axis.Operand.Y);
        isDirect = thin == 1 && lane.y() == 1 && wide == null && roles.m().size() <= 1;
        lanes = kernels.lanes();
        pitch =
                isDirect
                        ? (roles.m().isEmpty() ? 0 : roles.m().getFirst().y())
                        : (columns + 2 * lanes - 1) / lanes * lanes;

        chunk = m == 1 ? ROW_VECTORS * lanes : kernels.tileColumns();
        var steps = Axis.offsets(roles.k(), Axis.Operand.B);
        kB = new int[(k + K_BLOCK - 1) / K_BLOCK][];
        for (int i = 0; i < kB.length; i++)
            kB[i] = Arrays.copyOfRange(steps, i * K_BLOCK, Math.min(k, (i + 1) * K_BLOCK));
        farthest = new int[kB.length];
        for (int i = 0; i < kB.length; i++) farthest[i] = Arrays.stream(kB[i]).max().orElse(0);
        asideSteps = new int[Math.min(k, K_BLOCK)];
        for (int i = 0; i < asideSteps.length; i++) asideSteps[i] = i * chunk;

        var others = Axis.without(roles.n(), lane, wide);
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
            groups = outer != null && outer.extent() >= PIECES ? outer.extent() : unitB.length;
            int wanted = thin > 1 ? 1 : Math.max(1, PIECES / Math.max(1, groups));
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
        rows.pack();
        Workers.shared().run(groups * columnParts * rowParts, pieces);
        if (epilogue != null && !epilogueInside) epilogue.run();
    }

    private final Workers.Piece pieces = this::piece;

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
            for (int j = from; j < to; j += chunk)
                chunk(u, block, j, Math.min(chunk, to - j), top, bottom, sums, scratch);
        }
        if (!isDirect) scatter(u, sums, y, from, to, top, bottom);
    }

    /// The columns `j … j + width − 1` for one block of k. The last ones may be fewer than a vector
    /// has: then the vector reaches into what follows in b, or into padding where nothing follows,
    /// and its sums are not taken over.
    private void chunk(
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
        int bAt = unitB[u] + j;
        if (bAt + farthest[block] + padded > b.length) {
            float[] aside = scratch.panel(K_BLOCK * chunk);
            kernels.gatherRows(b, bAt, steps, steps.length, aside, 0, chunk, width);
            b = aside;
            bAt = 0;
            steps = asideSteps;
        }
        for (int row = top; row < bottom; row += Kernels.TILE_ROWS) {
            int rowsHere = Math.min(Kernels.TILE_ROWS, bottom - row);
            int at = (isDirect ? unitY[u] : 0) + row * pitch + j;
            tile(unitBatch[u], row, rowsHere, block, b, bAt, steps, sums, at, width, scratch);
        }
    }

    private void tile(
            int batch,
            int row,
            int count,
            int block,
            float[] b,
            int bAt,
            int[] steps,
            float[] sums,
            int at,
            int width,
            Scratch scratch) {
        int height = Kernels.tileRows(m - row);
        int padded = (width + lanes - 1) / lanes * lanes;
        int from = rows.at(batch, row) + block * K_BLOCK * height;
        int length = kB[block].length;
        if (!isDirect || padded == width) {
            kernels.tile(
                    height,
                    count,
                    rows.packed(),
                    from,
                    b,
                    bAt,
                    steps,
                    length,
                    sums,
                    at,
                    pitch,
                    padded,
                    block > 0);
            return;
        }
        float[] aside = scratch.tile(Kernels.TILE_ROWS * chunk);
        if (block > 0) kernels.copyRows(sums, at, pitch, aside, 0, chunk, count, width);
        kernels.tile(
                height,
                count,
                rows.packed(),
                from,
                b,
                bAt,
                steps,
                length,
                aside,
                0,
                chunk,
                padded,
                block > 0);
        kernels.copyRows(aside, 0, chunk, sums, at, pitch, count, width);
    }

    /// Moves sums from the scratch to their places.
    private void scatter(int u, float[] sums, float[] y, int from, int to, int top, int bottom) {
        for (int row = top; row < bottom; row++) {
            int at = row * pitch;
            int yAt = unitY[u] + rowY[row];
            if (thin > 1) {
                for (int j = from, i = yAt; j < to; j += thin, i++) y[i] = sums[at + j];
            } else if (stripes > 1) {
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
}
