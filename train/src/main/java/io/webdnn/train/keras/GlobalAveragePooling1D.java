package io.webdnn.train.keras;

/// The mean of each channel: `[N, steps, C]` to `[N, C]`.
public final class GlobalAveragePooling1D extends GlobalPoolingLayer<GlobalAveragePooling1D> {
    /// A layer that leaves the channels.
    public GlobalAveragePooling1D() {
        super(1, false);
    }
}
