package io.webdnn.compiler.weights;

import java.util.Locale;

/// How the numbers of a weight stand in the weight file.
public enum Encoding {
    /// As stored, little-endian.
    RAW,
    /// Floats in two bytes, widened when loaded where the target does not store such; relative
    /// error up to 2⁻¹¹.
    FLOAT16,
    /// A table of up to 256 floats, then a byte for each number: its place in the table. It is what
    /// [QuantizeWeights] leaves; a weight of more different numbers, or one that would not become
    /// smaller, stays raw.
    EIGHTBIT;

    /// How many different numbers a byte can tell apart.
    static final int TABLE = 256;

    /// {@return the name in options and descriptors: `float16`}
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
