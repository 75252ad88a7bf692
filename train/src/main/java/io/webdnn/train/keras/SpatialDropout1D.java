package io.webdnn.train.keras;

/// Dropout of whole channels of examples with 1 axis before them.
public final class SpatialDropout1D extends SpatialDropoutLayer<SpatialDropout1D> {
    /// @param rate the probability of a channel of zeros: 0 or more, less than 1
    public SpatialDropout1D(double rate) {
        super(1, rate);
    }

    @Override
    String automaticName() {
        return "spatial_dropout1d";
    }
}
