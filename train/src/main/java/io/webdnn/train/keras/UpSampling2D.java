package io.webdnn.train.keras;

/// Each place several times: `[N, H, W, C]` to more places.
public final class UpSampling2D extends UpSamplingLayer<UpSampling2D> {
    /// @param size how often, along all axes or along each
    public UpSampling2D(int... size) {
        super(2, size);
    }
}
