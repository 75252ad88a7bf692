package io.webdnn.train.keras;

/// Each place several times: `[N, steps, C]` to more places.
public final class UpSampling1D extends UpSamplingLayer<UpSampling1D> {
    /// @param size how often, along all axes or along each
    public UpSampling1D(int... size) {
        super(1, size);
    }
}
