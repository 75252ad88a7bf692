package io.webdnn.train.keras;

/// Dropout of whole channels of examples with 3 axes before them.
public final class SpatialDropout3D extends SpatialDropoutLayer<SpatialDropout3D> {
    /// @param rate the probability of a channel of zeros: 0 or more, less than 1
    public SpatialDropout3D(double rate) {
        super(3, rate);
    }

    @Override
    String automaticName() {
        return "spatial_dropout3d";
    }
}
