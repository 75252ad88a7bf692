package io.webdnn.train.keras;

/// The maximum of each channel: `[N, D, H, W, C]` to `[N, C]`.
public final class GlobalMaxPooling3D extends GlobalPoolingLayer<GlobalMaxPooling3D> {
    /// A layer that leaves the channels.
    public GlobalMaxPooling3D() {
        super(3, true);
    }
}
