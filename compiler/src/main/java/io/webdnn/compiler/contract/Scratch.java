package io.webdnn.compiler.contract;

/// Arrays that a thread uses within one piece of work.
final class Scratch {
    private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::new);

    private float[] panel = new float[0];
    private float[] sums = new float[0];
    private float[] tile = new float[0];

    private Scratch() {}

    /// {@return the calling thread's}
    static Scratch own() {
        return OWN.get();
    }

    /// {@return an array of at least so many elements, for a packed factor}
    float[] panel(int elements) {
        if (panel.length < elements) panel = new float[elements];
        return panel;
    }

    /// {@return an array of at least so many elements, for sums}
    float[] sums(int elements) {
        if (sums.length < elements) sums = new float[elements];
        return sums;
    }

    /// {@return an array of at least so many elements, for one tile}
    float[] tile(int elements) {
        if (tile.length < elements) tile = new float[elements];
        return tile;
    }
}
