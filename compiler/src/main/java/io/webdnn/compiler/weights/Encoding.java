package io.webdnn.compiler.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// How the numbers of a weight stand in the weight file.
public enum Encoding {
    /// As stored: four bytes a number, little-endian.
    RAW,
    /// Floats in two bytes, widened when loaded; relative error up to 2⁻¹¹.
    FLOAT16,
    /// A table of up to 256 floats, then a byte for each number: its place in the table. It is what
    /// [QuantizeWeights] leaves.
    EIGHTBIT;

    private static final int TABLE = 256;

    /// {@return the encoding that numbers are stored in: this one, or RAW where it cannot hold them
    /// or would not make them smaller}
    Encoding fitting(float[] values) {
        if (this != EIGHTBIT) return this;
        var table = table(values);
        return table.size() <= TABLE && 4 * table.size() + values.length < 4 * values.length
                ? this
                : RAW;
    }

    /// {@return the places of the bits of different numbers, no more than one that is too many}
    private static Map<Integer, Integer> table(float[] values) {
        var table = new LinkedHashMap<Integer, Integer>();
        for (float value : values) {
            if (table.size() > TABLE) break;
            table.putIfAbsent(Float.floatToRawIntBits(value), table.size());
        }
        return table;
    }

    /// {@return the bytes of floats, which fit}
    byte[] encode(float[] values) {
        var table = this == EIGHTBIT ? table(values) : Map.<Integer, Integer>of();
        int each = this == RAW ? 4 : this == FLOAT16 ? 2 : 1;
        var bytes =
                ByteBuffer.allocate(4 * table.size() + each * values.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        switch (this) {
            case RAW -> bytes.asFloatBuffer().put(values);
            case FLOAT16 -> {
                for (float value : values) bytes.putShort(Float.floatToFloat16(value));
            }
            case EIGHTBIT -> {
                for (int bits : table.keySet()) bytes.putInt(bits);
                for (float value : values)
                    bytes.put((byte) (int) table.getOrDefault(Float.floatToRawIntBits(value), 0));
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
