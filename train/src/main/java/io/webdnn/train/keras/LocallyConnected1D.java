package io.webdnn.train.keras;

/// Other weights at each place of a sequence, `[N, steps, C]`.
public final class LocallyConnected1D extends LocallyConnectedLayer<LocallyConnected1D> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on the axis of steps
    public LocallyConnected1D(int filters, int... kernelSize) {
        super(1, filters, kernelSize);
    }
}
