package io.webdnn.compiler.contract;

import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction by [Kernels#panel]: both factors are packed, rows of `a` in tiles and columns of
/// `b` in *panels* as wide as a tile, so that the inner loop reads memory in one direction.
///
/// Columns are numbered through all axes of n, whatever their steps, so that none is computed in
/// vain. A constant factor is packed once. Columns that are many are packed by whoever computes
/// with them, a *strip* at a time that stays in the cache; few ones by all threads first, so that
/// threads can share the rows.
///
/// A *unit* is one point of the batch, and of an axis that is worth being kept apart. Units, rows
/// and columns are cut into pieces by shape alone.
final class PanelContraction extends BoundContraction {
    /// The most of k that is summed before sums go to memory.
    private static final int K_BLOCK = 640;

    /// Elements of a strip: a share of the second cache.
    private static final int STRIP = 64 * 1024;

    private static final int PIECES = 32;

    /// Products that are worth a piece of their own.
    private static final long PIECE = 1 << 18;

    /// Panels from which each piece packs its own.
    private static final int MANY = 16;

    /// Columns of a unit from which it is kept apart.
    private static final int WIDE_UNIT = 256;

    /// Rows from which packing columns pays, and products per sum.
    private static final int ROWS = 24;

    private static final int PRODUCTS = 16;

    private final Kernels kernels = Kernels.best();
    private final int width = kernels.tileColumns();
    private final @Nullable Epilogue epilogue;
    private final boolean epilogueInside;
    private final PackedRows rows;
    private final PackedColumns columns;
    private final int m;
    private final int k;
    private final int kBlock;
    private final int kBlocks;
    private final int[] rowY;
    private final int[] columnY;

    /// The step from row to row in y if there is one.
    private final int pitch;

    private final int[] unitBatch;
    private final int[] unitB;
    private final int[] unitY;
    private final int panels;
    private final int groups;
    private final int columnParts;
    private final int rowParts;

    /// Panels that a piece packs at a time; 0 if all are packed before.
    private final int strip;

    private final boolean packOnce;
    private float[] packed = new float[0];
    private boolean isPacked;

    /// {@return whether a contraction with these roles is worth the packing}
    static boolean isWorth(Roles roles) {
        return Axis.count(roles.m()) >= ROWS && Axis.count(roles.k()) >= PRODUCTS;
    }

    PanelContraction(Roles roles, @Nullable Epilogue epilogue) {
        this.epilogue = epilogue;
        m = Axis.count(roles.m());
        k = Axis.count(roles.k());
        kBlocks = Math.max(1, (k + K_BLOCK - 1) / K_BLOCK);
        kBlock = (k + kBlocks - 1) / kBlocks;
        rows = new PackedRows(roles, this);
        rowY = Axis.offsets(roles.m(), Axis.Operand.Y);
        pitch = roles.m().size() == 1 ? roles.m().getFirst().y() : m == 1 ? width : 0;

        var outer = roles.outermost(Roles.join(null, roles.batch(), roles.n()));
        boolean isApart =
                outer != null
                        && roles.n().contains(outer)
                        && Axis.count(roles.n()) / outer.extent() >= WIDE_UNIT;
        var apart = isApart ? outer : null;
        var n = Axis.without(roles.n(), apart);
        columnY = Axis.offsets(n, Axis.Operand.Y);
        columns = new PackedColumns(roles, n, this);
        panels = (columnY.length + width - 1) / width;

        boolean leads = outer != null && (isApart || roles.batch().contains(outer));
        var units = Roles.join(leads ? outer : null, roles.batch(), List.of());
        unitB = Axis.offsets(units, Axis.Operand.B);
        unitY = Axis.offsets(units, Axis.Operand.Y);
        for (int u = 0; u < unitB.length; u++) {
            unitB[u] += roles.bStart();
            unitY[u] += roles.yStart();
        }
        unitBatch = batches(units, roles.batch());

        packOnce = roles.bIsConstant();
        boolean sharesEpilogue =
                leads
                        && outer != null
                        && epilogue != null
                        && epilogue.extent() % outer.extent() == 0;
        long products = (long) m * columnY.length * k;
        int wanted = Math.clamp(products * unitB.length / PIECE, 1, PIECES);
        if (sharesEpilogue && outer != null) {
            groups = outer.extent();
            columnParts = 1;
            rowParts = 1;
            epilogueInside = true;
        } else {
            groups = unitB.length;
            int each = Math.max(1, wanted / Math.max(1, groups));
            columnParts = Math.max(1, Math.min(each, panels));
            boolean mayShareRows = packOnce || (long) panels * groups < MANY;
            rowParts = mayShareRows ? Math.max(1, Math.min(each / columnParts, rows.tiles())) : 1;
            epilogueInside = false;
        }
        boolean packsFirst = packOnce || rowParts > 1;
        strip =
                packsFirst
                        ? 0
                        : Math.clamp(STRIP / Math.max(1, kBlock * width), 1, Math.max(1, panels));
    }

    int k() {
        return k;
    }

    int kBlock() {
        return kBlock;
    }

    int kBlocks() {
        return kBlocks;
    }

    /// The number of each unit's batch.
    private static int[] batches(List<Axis> units, List<Axis> batch) {
        var numbered = new ArrayList<Axis>();
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
        if (m == 0 || columnY.length == 0 || unitB.length == 0) return;
        rows.pack();
        if (strip == 0 && !isPacked) {
            if (packed.length == 0)
                packed = new float[Math.multiplyExact(unitB.length, unitSize())];
            Workers.shared().run(unitB.length * kBlocks * panels, packing);
            isPacked = packOnce;
        }
        Workers.shared().run(groups * columnParts * rowParts, pieces);
        if (epilogue != null && !epilogueInside) epilogue.run();
    }

    private final Workers.Piece pieces = this::piece;
    private final Workers.Piece packing = this::packPanel;

    /// The elements of all panels of a unit.
    private int unitSize() {
        return Math.multiplyExact(panels, k * width);
    }

    private void packPanel(int index) {
        int panel = index % panels;
        int block = index / panels % kBlocks;
        int u = index / panels / kBlocks;
        int length = Math.min(kBlock, k - block * kBlock);
        int at = u * unitSize() + block * kBlock * width * panels + panel * length * width;
        columns.pack(array(columns.array()), unitB[u], block, panel, packed, at);
    }

    private void piece(int index) {
        int rowPart = index % rowParts;
        int columnPart = index / rowParts % columnParts;
        int group = index / rowParts / columnParts;
        int perGroup = unitB.length / groups;
        int from = (int) ((long) panels * columnPart / columnParts);
        int to = (int) ((long) panels * (columnPart + 1) / columnParts);
        int top = (int) ((long) rows.tiles() * rowPart / rowParts);
        int bottom = (int) ((long) rows.tiles() * (rowPart + 1) / rowParts);
        var scratch = Scratch.own();
        for (int u = group * perGroup; u < (group + 1) * perGroup; u++) {
            if (k == 0) fill(u, from, to, top, bottom);
            else if (strip == 0) shared(u, from, to, top, bottom, scratch);
            else own(u, from, to, scratch);
        }
        if (epilogueInside && epilogue != null) {
            int each = epilogue.extent() / groups;
            epilogue.run(group * each, (group + 1) * each);
        }
    }

    /// The sums of nothing.
    private void fill(int u, int from, int to, int top, int bottom) {
        var y = array(Y);
        int last = Math.min(m, bottom * Kernels.TILE_ROWS);
        int end = Math.min(columnY.length, to * width);
        for (int row = top * Kernels.TILE_ROWS; row < last; row++)
            for (int j = from * width; j < end; j++) y[unitY[u] + rowY[row] + columnY[j]] = 0;
    }

    /// Panels that are packed already.
    private void shared(int u, int from, int to, int top, int bottom, Scratch scratch) {
        for (int block = 0; block < kBlocks; block++) {
            int length = Math.min(kBlock, k - block * kBlock);
            int start = u * unitSize() + block * kBlock * width * panels;
            for (int tile = top; tile < bottom; tile++) {
                for (int panel = from; panel < to; panel++)
                    tile(u, block, tile, panel, packed, start + panel * length * width, scratch);
            }
        }
    }

    /// Panels that are packed here, a strip at a time.
    private void own(int u, int from, int to, Scratch scratch) {
        var b = array(columns.array());
        float[] own = scratch.panel(strip * kBlock * width);
        for (int first = from; first < to; first += strip) {
            int last = Math.min(to, first + strip);
            for (int block = 0; block < kBlocks; block++) {
                int size = Math.min(kBlock, k - block * kBlock) * width;
                for (int panel = first; panel < last; panel++)
                    columns.pack(b, unitB[u], block, panel, own, (panel - first) * size);
                for (int tile = 0; tile < rows.tiles(); tile++) {
                    for (int panel = first; panel < last; panel++)
                        tile(u, block, tile, panel, own, (panel - first) * size, scratch);
                }
            }
        }
    }

    private void tile(int u, int block, int tile, int panel, float[] b, int bAt, Scratch scratch) {
        var y = array(Y);
        int row = tile * Kernels.TILE_ROWS;
        int height = Kernels.tileRows(m - row);
        int count = Math.min(Kernels.TILE_ROWS, m - row);
        int from = panel * width;
        int wanted = Math.min(width, columnY.length - from);
        int lanes = kernels.lanes();
        int padded = (wanted + lanes - 1) / lanes * lanes;
        int length = Math.min(kBlock, k - block * kBlock);
        int aAt = rows.at(unitBatch[u], row) + block * kBlock * height;
        int yAt = unitY[u] + rowY[row];
        boolean isRun = columnY[from + wanted - 1] - columnY[from] == wanted - 1;
        if (pitch != 0 && isRun && wanted == padded) {
            kernels.panel(
                    height,
                    count,
                    rows.packed(),
                    aAt,
                    b,
                    bAt,
                    length,
                    y,
                    yAt + columnY[from],
                    pitch,
                    padded,
                    block > 0);
            return;
        }
        float[] aside = scratch.tile(Kernels.TILE_ROWS * width);
        if (block > 0) {
            for (int i = 0; i < count; i++) {
                int at = unitY[u] + rowY[row + i];
                for (int j = 0; j < wanted; j++) aside[i * width + j] = y[at + columnY[from + j]];
            }
        }
        kernels.panel(
                height,
                count,
                rows.packed(),
                aAt,
                b,
                bAt,
                length,
                aside,
                0,
                width,
                padded,
                block > 0);
        for (int i = 0; i < count; i++) {
            int at = unitY[u] + rowY[row + i];
            if (isRun) System.arraycopy(aside, i * width, y, at + columnY[from], wanted);
            else for (int j = 0; j < wanted; j++) y[at + columnY[from + j]] = aside[i * width + j];
        }
    }
}
