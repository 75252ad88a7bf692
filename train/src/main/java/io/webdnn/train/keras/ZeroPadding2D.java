package io.webdnn.train.keras;

/// Zeros around: `[N, H, W, C]`.
public final class ZeroPadding2D extends EdgeLayer<ZeroPadding2D> {
    /// @param padding one number for all edges, one for each axis, or begin and end of each axis
    public ZeroPadding2D(int... padding) {
        super(2, 1, "padding", padding);
    }
}
