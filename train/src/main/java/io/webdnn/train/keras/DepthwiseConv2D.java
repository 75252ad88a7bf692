package io.webdnn.train.keras;

/// A depthwise convolution of images, `[N, H, W, C]`.
public final class DepthwiseConv2D extends DepthwiseLayer<DepthwiseConv2D> {
    /// @param kernelSize the extent of the window, on both axes or on each
    public DepthwiseConv2D(int... kernelSize) {
        super(2, kernelSize);
    }
}
