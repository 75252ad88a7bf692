package io.webdnn.train.keras;

/// Convolution of volumes, `[N, D, H, W, C]`.
public final class Conv3D extends ConvolutionLayer<Conv3D> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on all axes or on each
    public Conv3D(int filters, int... kernelSize) {
        super(3, expectFilters(filters, "Conv3D"), kernelSize);
    }
}
