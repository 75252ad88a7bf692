package io.webdnn.compiler.contract;

import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction for one set of sizes.
public abstract sealed class BoundContraction
        permits TileContraction, PanelContraction, DotContraction {
    /// Where the arrays of the two factors and of the sums stand in [#arrays].
    public static final int A = 0;

    public static final int B = 1;
    public static final int Y = 2;

    /// The shortest run of neighbours that vectors are worth.
    private static final int SHORTEST = 8;

    /// The most rows for which every second to fourth sum is picked from neighbours, and how many
    /// there must be.
    private static final int FEW_ROWS = 4;

    /// Products that take longer in a virtual machine that has not compiled the inner loop than
    /// waiting until it has.
    private static final long LARGE = 4_000_000;

    private static final int THINNEST = 4;
    private static final int THIN_RUN = 4;

    /// Turns sums into results for a range of its iterations, which follow the sums' outermost
    /// axis.
    public interface Epilogue {
        /// {@return how many iterations there are}
        int extent();

        /// Runs the iterations `from … to − 1`.
        void run(int from, int to);

        /// Runs all.
        void run();
    }

    private final Object[] arrays = new Object[3];

    BoundContraction() {}

    /// {@return the arrays, to be set before a run}
    public final Object[] arrays() {
        return arrays;
    }

    final float[] array(int which) {
        return (float[]) arrays[which];
    }

    /// Computes the sums, and what the epilogue makes of them.
    public abstract void run();

    /// {@return the contraction, in the way that its strides are best walked}
    public static BoundContraction bind(
            Call.Contract call, Sizes sizes, @Nullable Epilogue epilogue) {
        var shape = Roles.of(call, sizes);
        var bound = choose(shape, epilogue);
        if (shape.products() >= LARGE) {
            Kernels.prime(
                    switch (bound) {
                        case PanelContraction _ -> Kernels.Loop.PANEL;
                        case TileContraction _ -> Kernels.Loop.TILE;
                        case DotContraction _ -> Kernels.Loop.DOT;
                    });
        }
        return bound;
    }

    private static BoundContraction choose(Roles shape, @Nullable Epilogue epilogue) {
        var lane = shape.lane();
        var swapped = shape.swapped();
        var swappedLane = swapped.lane();
        int run = shape.run();
        int best =
                Math.max(
                        lane == null ? 0 : lane.extent(),
                        swappedLane == null ? 0 : swappedLane.extent());
        if (best < SHORTEST && run >= SHORTEST) return new DotContraction(shape, epilogue);
        if (lane != null && lane.extent() == best) return tiles(shape, lane, epilogue);
        if (swappedLane != null) return tiles(swapped, swappedLane, epilogue);
        for (var roles : List.of(shape, swapped)) {
            var thin = roles.thinLane();
            if (thin != null) return new TileContraction(roles, thin, epilogue);
        }
        // the wider side is the one whose columns are gathered
        boolean swap = Axis.count(shape.m) > Axis.count(shape.n);
        return tiles(swap ? swapped : shape, null, epilogue);
    }

    private static BoundContraction tiles(
            Roles roles, @Nullable Axis lane, @Nullable Epilogue epilogue) {
        return lane == null || PanelContraction.isWorth(roles)
                ? new PanelContraction(roles, epilogue)
                : new TileContraction(roles, lane, epilogue);
    }

    /// The axes of each role, and where everything starts.
    ///
    /// @param isSwapped whether `a` and `b` are exchanged
    record Roles(
            List<Axis> batch,
            List<Axis> m,
            List<Axis> n,
            List<Axis> k,
            int aStart,
            int bStart,
            int yStart,
            int yElements,
            boolean aIsConstant,
            boolean bIsConstant,
            boolean isSwapped) {
        static Roles of(Call.Contract call, Sizes sizes) {
            return new Roles(
                    Axis.of(call.batch(), call.a(), call.b(), call.y(), sizes),
                    Axis.of(call.m(), call.a(), call.b(), call.y(), sizes),
                    Axis.of(call.n(), call.a(), call.b(), call.y(), sizes),
                    Axis.of(call.k(), call.a(), call.b(), call.y(), sizes),
                    Math.toIntExact(sizes.of(call.a().start())),
                    Math.toIntExact(sizes.of(call.b().start())),
                    Math.toIntExact(sizes.of(call.y().start())),
                    Math.toIntExact(sizes.of(call.y().buffer().type().shape().elements())),
                    call.a().buffer().constant() != null,
                    call.b().buffer().constant() != null,
                    false);
        }

        /// How many products are added.
        long products() {
            return (long) Axis.count(batch) * Axis.count(m) * Axis.count(n) * Axis.count(k);
        }

        Roles swapped() {
            return new Roles(
                    Axis.swapped(batch),
                    Axis.swapped(n),
                    Axis.swapped(m),
                    Axis.swapped(k),
                    bStart,
                    aStart,
                    yStart,
                    yElements,
                    bIsConstant,
                    aIsConstant,
                    !isSwapped);
        }

        /// The longest axis of n whose elements are neighbours in b, and in y, too, if there is
        /// one.
        @Nullable Axis lane() {
            Axis best = null;
            for (var axis : n) {
                if (axis.b() != 1) continue;
                boolean isBetter =
                        best == null
                                || (axis.y() == 1) != (best.y() == 1) && axis.y() == 1
                                || (axis.y() == 1) == (best.y() == 1)
                                        && axis.extent() > best.extent();
                if (isBetter) best = axis;
            }
            return best;
        }

        /// The longest axis of n whose elements are neighbours in y and a few steps apart in b, if
        /// rows are so few that the sums between them cost less than gathering columns.
        @Nullable Axis thinLane() {
            if (Axis.count(m) > FEW_ROWS) return null;
            Axis best = null;
            for (var axis : n) {
                boolean isThin = axis.y() == 1 && axis.b() > 1 && axis.b() <= THINNEST;
                if (isThin
                        && axis.extent() >= THIN_RUN
                        && (best == null || axis.extent() > best.extent())) best = axis;
            }
            return best;
        }

        /// The length of the run of neighbours in both factors that is summed.
        int run() {
            int longest = 0;
            for (var axis : k) {
                if (axis.a() == 1 && axis.b() == 1) longest = Math.max(longest, axis.extent());
            }
            return longest;
        }

        /// The outermost axis of the sums, if it is one of the given ones and worth being shared
        /// among threads.
        @Nullable Axis outermost(List<Axis> axes) {
            for (var axis : axes) {
                if ((long) axis.extent() * axis.y() == yElements && axis.extent() >= 4) return axis;
            }
            return null;
        }

        /// {@return where the array of a factor stands, as the call names it}
        int array(int which) {
            if (which == Y || !isSwapped) return which;
            return which == A ? B : A;
        }

        static List<Axis> join(@Nullable Axis first, List<Axis> axes, List<Axis> more) {
            var all = new ArrayList<Axis>();
            if (first != null) all.add(first);
            for (var axis : axes) if (axis != first) all.add(axis);
            for (var axis : more) if (axis != first) all.add(axis);
            return all;
        }
    }
}
