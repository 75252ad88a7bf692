package io.webdnn.train.keras;

/// A separable convolution of images, `[N, H, W, C]`.
public final class SeparableConv2D extends SeparableLayer<SeparableConv2D> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on both axes or on each
    public SeparableConv2D(int filters, int... kernelSize) {
        super(2, expectFilters(filters, "SeparableConv2D"), kernelSize);
    }
}
