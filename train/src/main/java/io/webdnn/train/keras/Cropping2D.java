package io.webdnn.train.keras;

/// The middle, edges being taken away: `[N, H, W, C]`.
public final class Cropping2D extends EdgeLayer<Cropping2D> {
    /// @param cropping one number for all edges, one for each axis, or begin and end of each axis
    public Cropping2D(int... cropping) {
        super(2, -1, "cropping", cropping);
    }
}
