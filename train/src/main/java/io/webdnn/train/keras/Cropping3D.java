package io.webdnn.train.keras;

/// The middle, edges being taken away: `[N, D, H, W, C]`.
public final class Cropping3D extends EdgeLayer<Cropping3D> {
    /// @param cropping one number for all edges, one for each axis, or begin and end of each axis
    public Cropping3D(int... cropping) {
        super(3, -1, "cropping", cropping);
    }
}
