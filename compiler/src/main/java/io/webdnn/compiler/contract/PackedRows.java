package io.webdnn.compiler.contract;

import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;

/// The rows of `a` in tiles: the elements of a tile's rows side by side, then those of the next k.
/// Rows of a constant are packed once.
final class PackedRows {
    /// Elements from which packing is shared among threads.
    private static final int LARGE = 1 << 15;

    private final BoundContraction contraction;
    private final int array;
    private final int start;
    private final int[] batchA;
    private final int[] rowA;
    private final int[] kA;
    private final int tiles;
    private final int perBatch;
    private final boolean packOnce;
    private final float[] packed;
    private boolean isPacked;

    PackedRows(BoundContraction.Roles roles, BoundContraction contraction) {
        this.contraction = contraction;
        array = roles.array(BoundContraction.A);
        start = roles.aStart();
        batchA = Axis.offsets(roles.batch(), Axis.Operand.A);
        rowA = Axis.offsets(roles.m(), Axis.Operand.A);
        kA = Axis.offsets(roles.k(), Axis.Operand.A);
        packOnce = roles.aIsConstant();
        tiles = (rowA.length + Kernels.TILE_ROWS - 1) / Kernels.TILE_ROWS;
        perBatch = Math.multiplyExact(Kernels.paddedRows(rowA.length), kA.length);
        packed = new float[Math.multiplyExact(perBatch, batchA.length)];
    }

    /// {@return the tiles over the rows of one batch}
    int tiles() {
        return tiles;
    }

    /// {@return where the tile begins whose first row is given}
    int at(int batch, int row) {
        return batch * perBatch + row * kA.length;
    }

    /// {@return the packed rows}
    float[] packed() {
        return packed;
    }

    /// Packs all rows, if they are not yet.
    void pack() {
        if (isPacked) return;
        int all = tiles * batchA.length;
        if (packed.length < LARGE) for (int i = 0; i < all; i++) packTile(i);
        else Workers.shared().run(all, packing);
        isPacked = packOnce;
    }

    private final Workers.Piece packing = this::packTile;

    private void packTile(int index) {
        int batch = index / tiles;
        int row = index % tiles * Kernels.TILE_ROWS;
        int height = Kernels.tileRows(rowA.length - row);
        int to = at(batch, row);
        var a = contraction.array(array);
        for (int i = 0; i < height && row + i < rowA.length; i++) {
            int from = start + batchA[batch] + rowA[row + i];
            for (int p = 0; p < kA.length; p++) packed[to + p * height + i] = a[from + kA[p]];
        }
    }
}
