package io.webdnn.train.keras;

/// Convolutional memory over volumes, `[N, steps, D, H, W, C]`.
public final class ConvLSTM3D extends ConvLSTMLayer<ConvLSTM3D> {
    /// @param filters the number of channels of the state
    /// @param kernelSize the extent of the window, on all axes or on each
    public ConvLSTM3D(int filters, int... kernelSize) {
        super(3, filters, kernelSize);
    }

    @Override
    String automaticName() {
        return "conv_lstm3d";
    }
}
