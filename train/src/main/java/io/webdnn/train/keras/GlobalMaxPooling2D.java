package io.webdnn.train.keras;

/// The maximum of each channel: `[N, H, W, C]` to `[N, C]`.
public final class GlobalMaxPooling2D extends GlobalPoolingLayer<GlobalMaxPooling2D> {
    /// A layer that leaves the channels.
    public GlobalMaxPooling2D() {
        super(2, true);
    }
}
