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

    /// {@return whether there is a next point; the indices then stand on it}
    boolean next(Code.Frame frame) {
        for (int d = slots.length - 1; d >= 0; d--) {
            if (++frame.wholes[slots[d]] < extents[d]) return true;
            frame.wholes[slots[d]] = 0;
        }
        return false;
    }
}
