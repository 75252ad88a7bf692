package io.webdnn.train.keras;

/// The transposed convolution of sequences, `[N, steps, C]`.
public final class Conv1DTranspose extends TransposedConvolutionLayer<Conv1DTranspose> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on the axis of steps
    public Conv1DTranspose(int filters, int... kernelSize) {
        super(1, expectFilters(filters, "Conv1DTranspose"), kernelSize);
    }
}
