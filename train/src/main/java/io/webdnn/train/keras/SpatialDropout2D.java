package io.webdnn.train.keras;

/// Dropout of whole channels of examples with 2 axes before them.
public final class SpatialDropout2D extends SpatialDropoutLayer<SpatialDropout2D> {
    /// @param rate the probability of a channel of zeros: 0 or more, less than 1
    public SpatialDropout2D(double rate) {
        super(2, rate);
    }

    @Override
    String automaticName() {
        return "spatial_dropout2d";
    }
}
