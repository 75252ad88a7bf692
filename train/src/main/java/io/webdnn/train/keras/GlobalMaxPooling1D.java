package io.webdnn.train.keras;

/// The maximum of each channel: `[N, steps, C]` to `[N, C]`.
public final class GlobalMaxPooling1D extends GlobalPoolingLayer<GlobalMaxPooling1D> {
    /// A layer that leaves the channels.
    public GlobalMaxPooling1D() {
        super(1, true);
    }
}
