package io.webdnn.train.keras;

/// The mean of each channel: `[N, H, W, C]` to `[N, C]`.
public final class GlobalAveragePooling2D extends GlobalPoolingLayer<GlobalAveragePooling2D> {
    /// A layer that leaves the channels.
    public GlobalAveragePooling2D() {
        super(2, false);
    }
}
