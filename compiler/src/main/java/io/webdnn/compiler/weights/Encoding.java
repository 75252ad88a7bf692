package io.webdnn.compiler.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/// How the numbers of a weight stand in the weight file.
public enum Encoding {
    /// As stored: four bytes a number, little-endian.
    RAW,
    /// Floats in two bytes, widened when loaded; relative error up to 2⁻¹¹.
    FLOAT16;

    /// {@return the bytes of floats}
    public byte[] encode(float[] values) {
        var bytes =
                ByteBuffer.allocate(values.length * (this == RAW ? 4 : 2))
                        .order(ByteOrder.LITTLE_ENDIAN);
        switch (this) {
            case RAW -> bytes.asFloatBuffer().put(values);
            case FLOAT16 -> {
                for (float value : values) bytes.putShort(Float.floatToFloat16(value));
            }
        }
        return bytes.array();
    }

    /// {@return the name in options and descriptors: `float16`}
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
