package io.webdnn.train.keras;

/// Convolution of steps, `[N, steps, C]`.
public final class Conv1D extends ConvolutionLayer<Conv1D> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on all axes or on each
    public Conv1D(int filters, int... kernelSize) {
        super(1, expectFilters(filters, "Conv1D"), kernelSize);
    }
}
