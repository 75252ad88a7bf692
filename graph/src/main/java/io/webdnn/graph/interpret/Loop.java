package io.webdnn.graph.interpret;

/// Counts a nest of indices, outermost first, in the slots of a frame.
final class Loop {
    private final int[] slots;
    private final long[] extents;
    private final boolean empty;

    Loop(int[] slots, long[] extents) {
        this.slots = slots;
        this.extents = extents;
        boolean none = false;
        for (long extent : extents) none |= extent <= 0;
        this.empty = none;
    }

    /// {@return whether there is a first point; the indices then stand on it}
    boolean start(Code.Frame frame) {
        for (int slot : slots) frame.wholes[slot] = 0;
        return !empty;
    }

    /// {@return how many points there are}
    long points() {
        long points = 1;
        for (long extent : extents) points *= Math.max(0, extent);
        return points;
    }

    /// Lets the indices stand on a point, counted from the first one.
    void move(Code.Frame frame, long point) {
        for (int d = slots.length - 1; d >= 0; d--) {
            frame.wholes[slots[d]] = point % extents[d];
            point /= extents[d];
        }
    }

    /// {@return whether there is a next point; the indices then stand on it}
    boolean next(Code.Frame frame) {
        for (int d = slots.length - 1; d >= 0; d--) {
            if (++frame.wholes[slots[d]] < extents[d]) return true;
            frame.wholes[slots[d]] = 0;
        }
        return false;
    }
}
