package io.webdnn.train.keras;

/// The transposed convolution of volumes, `[N, D, H, W, C]`.
public final class Conv3DTranspose extends TransposedConvolutionLayer<Conv3DTranspose> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on all axes or on each
    public Conv3DTranspose(int filters, int... kernelSize) {
        super(3, expectFilters(filters, "Conv3DTranspose"), kernelSize);
    }
}
