package io.webdnn.train.keras;

/// A depthwise convolution of sequences, `[N, steps, C]`.
public final class DepthwiseConv1D extends DepthwiseLayer<DepthwiseConv1D> {
    /// @param kernelSize the extent of the window, on the axis of steps
    public DepthwiseConv1D(int... kernelSize) {
        super(1, kernelSize);
    }
}
