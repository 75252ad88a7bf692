package io.webdnn.train.keras;

/// Convolutional memory over rows of numbers, `[N, steps, D, C]`.
public final class ConvLSTM1D extends ConvLSTMLayer<ConvLSTM1D> {
    /// @param filters the number of channels of the state
    /// @param kernelSize the extent of the window, on all axes or on each
    public ConvLSTM1D(int filters, int... kernelSize) {
        super(1, filters, kernelSize);
    }

    @Override
    String automaticName() {
        return "conv_lstm1d";
    }
}
