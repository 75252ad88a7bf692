package io.webdnn.train.keras;

/// The middle, edges being taken away: `[N, steps, C]`.
public final class Cropping1D extends EdgeLayer<Cropping1D> {
    /// @param cropping one number for all edges, one for each axis, or begin and end of each axis
    public Cropping1D(int... cropping) {
        super(1, -1, "cropping", cropping);
    }
}
