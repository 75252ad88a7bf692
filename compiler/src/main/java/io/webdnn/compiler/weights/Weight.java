package io.webdnn.compiler.weights;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/// A constant as the weight file holds it: its elements in the order of a layout, with zeros where
/// the layout pads. Bytes are made piece by piece when they are written, since a constant may have
/// more of them than a Java array can hold.
final class Weight {
    private static final int PIECE = 1 << 16;

    /// What has to be saved, so that fewer files are decoded, which others are read where they lie.
    private static final int WORTHWHILE = 1024;

    private final Tensor tensor;
    private final ScalarType scalar;
    private final boolean isHalf;
    private final boolean isTexels;
    private final long elements;
    private final int lanes; // extent of the lane axis
    private final int inner; // elements behind the lane axis
    private final Encoding encoding;
    private final Map<Integer, Integer> table;
    private final int narrow; // bits of an integer that has fewer than it is stored in; else 0

    /// @param isHalf whether floats are stored in 16 bits
    /// @param wanted the encoding of floats, if it fits
    /// @throws ArithmeticException if an integer does not fit in the scalar type; names the value
    Weight(Tensor tensor, Layout layout, ScalarType scalar, boolean isHalf, Encoding wanted) {
        this.tensor = tensor;
        this.scalar = scalar;
        this.isHalf = isHalf;
        isTexels = layout.isTexels();
        elements = layout.elements().value();
        var shape = tensor.shape();
        int behind = 1;
        for (int d = layout.lane() + 1; isTexels && d < shape.length; d++) behind *= shape[d];
        inner = behind;
        lanes = layout.lane() < 0 ? 1 : shape[layout.lane()];
        if (!scalar.isFloat() && !scalar.isWide()) check();
        var colours = Map.<Integer, Integer>of();
        var chosen = scalar == ScalarType.FLOAT32 ? wanted : Encoding.RAW;
        if (chosen == Encoding.EIGHTBIT) {
            colours = table();
            boolean fits = colours.size() <= Encoding.TABLE;
            long raw = (isHalf ? 2 : 4) * elements;
            if (!fits || 4L * colours.size() + elements >= raw) chosen = Encoding.RAW;
        } else if (isHalf) {
            chosen = Encoding.RAW; // nothing is to be widened
        } else if (scalar == ScalarType.FLOAT32 && tensor.dtype() == DType.FLOAT16) {
            chosen = saved(16) ? Encoding.FLOAT16 : chosen;
        }
        boolean isInteger = tensor.dtype().kind() != DType.Kind.FLOAT && !scalar.isFloat();
        int bits = tensor.dtype().bits();
        narrow = isInteger && saved(bits) ? bits : 0;
        encoding = chosen;
        table = chosen == Encoding.EIGHTBIT ? colours : Map.of();
    }

    /// Whether a byte or so in the place of each element makes a difference.
    private boolean saved(int bits) {
        return elements * (8 * scalar.bytes() - bits) >= 8L * WORTHWHILE;
    }

    private void check() {
        for (int i = 0; i < tensor.size(); i++) {
            long value = tensor.getLong(i);
            if (value != (int) value && !(scalar == ScalarType.UINT32 && value >>> 32 == 0)) {
                throw new ArithmeticException("expected integers of 32 bits, got " + value);
            }
        }
    }

    /// {@return the places of the bits of different numbers, no more than one that is too many}
    private Map<Integer, Integer> table() {
        var places = new LinkedHashMap<Integer, Integer>();
        for (long p = 0; p < elements && places.size() <= Encoding.TABLE; p++)
            places.putIfAbsent(Float.floatToRawIntBits(number(p)), places.size());
        return places;
    }

    /// {@return the name in descriptors: of narrow integers, their dtype}
    String encoding() {
        if (narrow == 0) return encoding.toString();
        return (tensor.dtype() == DType.BOOL ? DType.UINT8 : tensor.dtype()).toString();
    }

    private int bytesEach() {
        return switch (encoding) {
            case RAW -> isHalf ? 2 : scalar.bytes();
            case FLOAT16 -> 2;
            case EIGHTBIT -> 1;
        };
    }

    long bytes() {
        if (narrow > 0) return (narrow * elements + 7) / 8;
        return 4L * table.size() + bytesEach() * elements;
    }

    /// {@return the element that is stored at a position, −1 for padding}
    private int source(long position) {
        if (!isTexels) return (int) position;
        long texel = position / 4;
        int groups = (lanes + 3) / 4;
        int lane = (int) (texel / inner % groups * 4 + position % 4);
        return lane < lanes
                ? (int) ((texel / inner / groups * lanes + lane) * inner + texel % inner)
                : -1;
    }

    private float number(long position) {
        int i = source(position);
        if (i < 0) return 0;
        return tensor.dtype() == DType.FLOAT32 ? tensor.floats()[i] : (float) tensor.getDouble(i);
    }

    void writeTo(OutputStream out) throws IOException {
        var stored = isHalf ? DType.FLOAT16.name() : scalar.name();
        boolean isAsStored = !isTexels && tensor.dtype().name().equals(stored);
        if (isAsStored && encoding == Encoding.RAW) {
            RawElements.write(tensor, ByteOrder.LITTLE_ENDIAN, out);
            return;
        }
        if (narrow > 0) {
            writeNarrow(out);
            return;
        }
        var bytes = new byte[PIECE];
        var piece = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits : table.keySet()) piece.putInt(bits);
        for (long p = 0; p < elements; p++) {
            if (piece.remaining() < Long.BYTES) {
                out.write(bytes, 0, piece.position());
                piece.clear();
            }
            switch (encoding) {
                case RAW -> putRaw(p, piece);
                case FLOAT16 -> piece.putShort(Float.floatToFloat16(number(p)));
                case EIGHTBIT -> {
                    var place = table.get(Float.floatToRawIntBits(number(p)));
                    piece.put((byte) (place == null ? 0 : place));
                }
            }
        }
        out.write(bytes, 0, piece.position());
    }

    /// Those below eight bits share bytes, the first one in the lowest bits.
    private void writeNarrow(OutputStream out) throws IOException {
        var bytes = new byte[PIECE];
        int at = 0;
        int pending = 0;
        int filled = 0;
        for (long p = 0; p < elements; p++) {
            int i = source(p);
            long value = i < 0 ? 0 : tensor.getLong(i);
            pending |= (int) (value & (1 << narrow) - 1) << filled;
            for (filled += narrow; filled >= 8; filled -= 8) {
                bytes[at++] = (byte) pending;
                pending >>>= 8;
            }
            if (at > PIECE - Long.BYTES) {
                out.write(bytes, 0, at);
                at = 0;
            }
        }
        if (filled > 0) bytes[at++] = (byte) pending;
        out.write(bytes, 0, at);
    }

    private void putRaw(long position, ByteBuffer to) {
        if (scalar == ScalarType.FLOAT32) {
            if (isHalf) to.putShort(Float.floatToFloat16(number(position)));
            else to.putFloat(number(position));
            return;
        }
        int i = source(position);
        switch (scalar) {
            case FLOAT64 -> to.putDouble(i < 0 ? 0 : tensor.getDouble(i));
            case INT64, UINT64 -> to.putLong(i < 0 ? 0 : tensor.getLong(i));
            case FLOAT16, FLOAT32, INT32, UINT32, BOOL ->
                    to.putInt(i < 0 ? 0 : (int) tensor.getLong(i));
        }
    }
}
