package io.webdnn.train.keras;

/// Zeros around: `[N, D, H, W, C]`.
public final class ZeroPadding3D extends EdgeLayer<ZeroPadding3D> {
    /// @param padding one number for all edges, one for each axis, or begin and end of each axis
    public ZeroPadding3D(int... padding) {
        super(3, 1, "padding", padding);
    }
}
