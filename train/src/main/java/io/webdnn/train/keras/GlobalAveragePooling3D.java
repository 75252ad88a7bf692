package io.webdnn.train.keras;

/// The mean of each channel: `[N, D, H, W, C]` to `[N, C]`.
public final class GlobalAveragePooling3D extends GlobalPoolingLayer<GlobalAveragePooling3D> {
    /// A layer that leaves the channels.
    public GlobalAveragePooling3D() {
        super(3, false);
    }
}
