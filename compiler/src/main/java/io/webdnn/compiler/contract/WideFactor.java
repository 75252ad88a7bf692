package io.webdnn.compiler.contract;

import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The left factor of inner products, copied with zeros between its rows, so that rows which lie
/// close together in the right factor become one long run.
///
/// The weight gradient of a convolution sums over the rows of the output and of the input, which
/// are a little longer: `Σ_{o < 24} Σ_{l < 24} dY[24·o + l] · X[26·o + l]`. With dY in rows of 26,
/// the last two of them zeros, this is one run of 622 instead of 24 of 24, which no vector divides.
final class WideFactor {
    /// Runs from this length on are long enough as they are.
    private static final int LONG = 128;

    /// Columns from which the copy pays.
    private static final int COLUMNS = 8;

    private static final int ELEMENTS_PER_PIECE = 16 * 1024;

    private final Kernels kernels = Kernels.best();
    private final BoundContraction.Roles roles;
    private final float[] wide;
    private final int[] planes;
    private final int planeSize;
    private final int pitch;
    private final int rowStep;
    private final int rows;
    private final int length;
    private final int pieces;
    private float[] from = new float[0];

    private WideFactor(
            BoundContraction.Roles roles, int[] planes, Axis row, Axis run, float[] wide) {
        this.roles = roles;
        this.planes = planes;
        this.wide = wide;
        pitch = row.b();
        rowStep = row.a();
        rows = row.extent();
        length = run.extent();
        planeSize = pitch * rows;
        pieces = Math.clamp((long) wide.length / ELEMENTS_PER_PIECE, 1, planes.length);
    }

    /// {@return the factor `a` made wide, or null if that is no gain}
    static @Nullable WideFactor of(BoundContraction.Roles roles, Axis run) {
        if (run.extent() >= LONG || Axis.count(roles.n()) < COLUMNS) return null;
        for (var row : roles.k()) {
            boolean isClose =
                    row != run
                            && row.b() > run.extent()
                            && row.b() <= run.extent() + run.extent() / 4 + 2;
            if (isClose) return of(roles, row, run);
        }
        return null;
    }

    private static @Nullable WideFactor of(BoundContraction.Roles roles, Axis row, Axis run) {
        var others = Axis.without(roles.k(), row, run);
        var walked = new ArrayList<Axis>();
        for (var axis : roles.batch()) if (axis.a() != 0) walked.add(axis);
        for (var axis : roles.m()) if (axis.a() != 0) walked.add(axis);
        for (var axis : others) if (axis.a() != 0) walked.add(axis);
        var planes = Axis.offsets(walked, Axis.Operand.A);
        long size = (long) planes.length * row.extent() * row.b();
        if (planes.length == 0 || size > 1 << 26) return null;
        for (int p = 0; p < planes.length; p++) planes[p] += roles.aStart();
        var k = new ArrayList<>(moved(others, walked, row));
        k.add(new Axis((row.extent() - 1) * row.b() + run.extent(), 1, 1, 0));
        var moved =
                new BoundContraction.Roles(
                        moved(roles.batch(), walked, row),
                        moved(roles.m(), walked, row),
                        roles.n(),
                        k,
                        0,
                        roles.bStart(),
                        roles.yStart(),
                        roles.yElements(),
                        roles.aIsConstant(),
                        roles.bIsConstant(),
                        roles.isSwapped());
        return new WideFactor(moved, planes, row, run, new float[(int) size]);
    }

    /// The axes with their strides in the copy.
    private static List<Axis> moved(List<Axis> axes, List<Axis> walked, Axis row) {
        var moved = new ArrayList<Axis>();
        for (var axis : axes) {
            int stride = 0;
            int after = row.extent() * row.b();
            for (int d = walked.size() - 1; d >= 0; d--) {
                if (walked.get(d) == axis) stride = after;
                after *= walked.get(d).extent();
            }
            moved.add(new Axis(axis.extent(), stride, axis.b(), axis.y()));
        }
        return moved;
    }

    /// {@return the roles with the copy as `a`}
    BoundContraction.Roles roles() {
        return roles;
    }

    /// {@return the copy of a factor; what lies between its rows stays zero}
    float[] copy(float[] a) {
        from = a;
        Workers.shared().run(pieces, work);
        return wide;
    }

    private final Workers.Piece work = this::piece;

    private void piece(int index) {
        int first = (int) ((long) planes.length * index / pieces);
        int last = (int) ((long) planes.length * (index + 1) / pieces);
        for (int p = first; p < last; p++)
            kernels.copyRows(from, planes[p], rowStep, wide, p * planeSize, pitch, rows, length);
    }
}
