package io.webdnn.train.keras;

/// A separable convolution of sequences, `[N, steps, C]`.
public final class SeparableConv1D extends SeparableLayer<SeparableConv1D> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on the axis of steps
    public SeparableConv1D(int filters, int... kernelSize) {
        super(1, expectFilters(filters, "SeparableConv1D"), kernelSize);
    }
}
