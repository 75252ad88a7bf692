package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Index;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The stretch of the last axis in which no choice between loads depends on the place: all of a
/// padded row but its margins, all of a pooled row but where the window reaches over the edge.
///
/// There four neighbours can be computed at once; the margins are computed one by one.
///
/// @param low how many elements lie before the stretch
/// @param high how many lie behind it
record Interior(Index index, long low, long high) {
    /// Margins beyond this are searched no further: half of a window of 9.
    private static final int WIDEST = 4;

    /// A part of the axis.
    ///
    /// @param isWide whether four neighbours can be computed at once
    record Part(long first, long extent, boolean isWide) {}

    /// {@return the stretch with the narrowest margins, or null if there is none worth the code}
    static @Nullable Interior of(Region region) {
        if (region.domain().isEmpty()) return null;
        var last = region.domain().getLast();
        if (!last.extent().isFixed()) return null;
        long extent = last.extent().value();
        for (int margins = 1; margins <= 2 * WIDEST; margins++) {
            if (extent - margins < 4) return null;
            for (int low = Math.min(margins, WIDEST); low >= Math.max(0, margins - WIDEST); low--) {
                var interior = new Interior(last, low, margins - low);
                var inside = interior.inside();
                var narrow = region.narrowed(last, inside.first, inside.extent);
                var index = narrow.domain().getLast();
                if (narrow.values().stream().allMatch(v -> Generic.hasLanes(v, index)))
                    return interior;
            }
        }
        return null;
    }

    private Part inside() {
        return new Part(low, index.extent().value() - low - high, true);
    }

    /// {@return the parts of the axis that are not empty, in order}
    List<Part> parts() {
        var parts = new ArrayList<Part>();
        if (low > 0) parts.add(new Part(0, low, false));
        parts.add(inside());
        if (high > 0) parts.add(new Part(index.extent().value() - high, high, false));
        return parts;
    }
}
