package io.webdnn.train.keras;

/// The transposed convolution of images, `[N, H, W, C]`.
public final class Conv2DTranspose extends TransposedConvolutionLayer<Conv2DTranspose> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on both axes or on each
    public Conv2DTranspose(int filters, int... kernelSize) {
        super(2, expectFilters(filters, "Conv2DTranspose"), kernelSize);
    }
}
