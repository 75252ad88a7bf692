package io.webdnn.compiler.weights;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Collects the constants of a descriptor, laid out for its target, in one file.
public final class WeightFile {
    /// What WebAssembly wants of a buffer: the file can be loaded to where kernels read it.
    private static final int ALIGNMENT = 64;

    private final Encoding encoding;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Map<Stored, Place> places = new HashMap<>();

    /// A constant as it is stored; no other tensor than itself is equal to it.
    private record Stored(Tensor tensor, Layout layout, ScalarType scalar) {}

    /// @param encoding of floats; integers are always raw
    public WeightFile(Encoding encoding) {
        this.encoding = encoding;
    }

    /// Where a constant stands.
    public record Place(int offset, int length, Encoding encoding) {}

    /// {@return where a constant was put; it is put there once, however often it is asked for}
    ///
    /// @param layout how its elements are to lie
    /// @param scalar the type that they are stored in
    /// @throws ArithmeticException if an integer does not fit in 32 bits; names the value
    public Place add(Tensor tensor, Layout layout, ScalarType scalar) {
        return places.computeIfAbsent(
                new Stored(tensor, layout, scalar), _ -> put(tensor, layout, scalar));
    }

    private Place put(Tensor tensor, Layout layout, ScalarType scalar) {
        while (bytes.size() % ALIGNMENT != 0) bytes.write(0);
        int offset = bytes.size();
        if (scalar == ScalarType.FLOAT32) {
            var values = floats(tensor, layout);
            var fitting = encoding.fitting(values);
            bytes.writeBytes(fitting.encode(values));
            return new Place(offset, bytes.size() - offset, fitting);
        }
        var places = places(tensor, layout);
        int elements = Math.toIntExact(layout.elements().value());
        if (scalar.isWide()) {
            var wide = ByteBuffer.allocate(elements * 8).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < places.length; i++) {
                if (scalar.isFloat()) wide.putDouble(places[i] * 8, tensor.getDouble(i));
                else wide.putLong(places[i] * 8, tensor.getLong(i));
            }
            bytes.writeBytes(wide.array());
            return new Place(offset, bytes.size() - offset, Encoding.RAW);
        }
        var values = ByteBuffer.allocate(elements * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < places.length; i++) {
            long value = tensor.getLong(i);
            if (value != (int) value && !(scalar == ScalarType.UINT32 && value >>> 32 == 0)) {
                throw new ArithmeticException("expected integers of 32 bits, got " + value);
            }
            values.putInt(places[i] * 4, (int) value);
        }
        bytes.writeBytes(values.array());
        return new Place(offset, bytes.size() - offset, Encoding.RAW);
    }

    private static float[] floats(Tensor tensor, Layout layout) {
        if (tensor.dtype() == DType.FLOAT32 && !layout.isTexels()) return tensor.floats();
        var places = places(tensor, layout);
        var values = new float[Math.toIntExact(layout.elements().value())];
        for (int i = 0; i < places.length; i++) values[places[i]] = (float) tensor.getDouble(i);
        return values;
    }

    /// {@return the position of each element, in row-major order, under a layout}
    private static int[] places(Tensor tensor, Layout layout) {
        int size = tensor.size();
        var places = new int[size];
        if (!layout.isTexels()) {
            Arrays.setAll(places, i -> i);
            return places;
        }
        var shape = tensor.shape();
        int lane = layout.lane();
        int inner = 1;
        for (int d = lane + 1; d < shape.length; d++) inner *= shape[d];
        int extent = lane < 0 ? 1 : shape[lane];
        int groups = (extent + 3) / 4;
        for (int i = 0; i < size; i++) {
            int c = i / inner % extent;
            int outer = i / inner / extent;
            places[i] = ((outer * groups + c / 4) * inner + i % inner) * 4 + c % 4;
        }
        return places;
    }

    /// {@return the file}
    public byte[] toBytes() {
        return bytes.toByteArray();
    }
}
