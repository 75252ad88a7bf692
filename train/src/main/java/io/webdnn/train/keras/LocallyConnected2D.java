package io.webdnn.train.keras;

/// Other weights at each place of an image, `[N, H, W, C]`.
public final class LocallyConnected2D extends LocallyConnectedLayer<LocallyConnected2D> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on both axes or on each
    public LocallyConnected2D(int filters, int... kernelSize) {
        super(2, filters, kernelSize);
    }
}
