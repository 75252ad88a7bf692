package io.webdnn.train.keras;

/// Zeros around: `[N, steps, C]`.
public final class ZeroPadding1D extends EdgeLayer<ZeroPadding1D> {
    /// @param padding one number for all edges, one for each axis, or begin and end of each axis
    public ZeroPadding1D(int... padding) {
        super(1, 1, "padding", padding);
    }
}
