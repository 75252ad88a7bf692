package io.webdnn.train.keras;

/// Convolution of images, `[N, H, W, C]`.
///
/// ```java
/// new Conv2D(32, 3).activation("relu")
/// new Conv2D(64, 5, 3).strides(2).padding("same").useBias(false)
/// ```
public final class Conv2D extends ConvolutionLayer<Conv2D> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on all axes or on each
    public Conv2D(int filters, int... kernelSize) {
        super(2, expectFilters(filters, "Conv2D"), kernelSize);
    }
}
