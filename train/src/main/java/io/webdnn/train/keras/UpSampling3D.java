package io.webdnn.train.keras;

/// Each place several times: `[N, D, H, W, C]` to more places.
public final class UpSampling3D extends UpSamplingLayer<UpSampling3D> {
    /// @param size how often, along all axes or along each
    public UpSampling3D(int... size) {
        super(3, size);
    }
}
