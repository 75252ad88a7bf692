package io.webdnn.compiler;

/// What may be less exact than a network says, in order to be smaller or faster.
///
/// @param halfWeights whether float32 constants are stored as float16, where the target can
/// @param halfProducts whether products of float16 are added up as float16, a few at a time, where
///   the target can; where the device cannot, nothing changes
public record Precision(boolean halfWeights, boolean halfProducts) {
    /// As exact as the network says.
    public static final Precision FULL = new Precision(false, false);
}
