package io.webdnn.train.keras;

/// Convolutional memory over images, `[N, steps, H, W, C]`.
public final class ConvLSTM2D extends ConvLSTMLayer<ConvLSTM2D> {
    /// @param filters the number of channels of the state
    /// @param kernelSize the extent of the window, on all axes or on each
    public ConvLSTM2D(int filters, int... kernelSize) {
        super(2, filters, kernelSize);
    }

    @Override
    String automaticName() {
        return "conv_lstm2d";
    }
}
