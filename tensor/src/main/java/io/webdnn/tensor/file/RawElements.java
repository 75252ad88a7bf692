package io.webdnn.tensor.file;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Elements as files hold them: packed one after the other, without padding. Dtypes below eight
/// bits take a byte each, as in a [Tensor].
public final class RawElements {
    private static final int CHUNK = 1 << 16;

    private RawElements() {}

    /// {@return the bytes of one element; a complex number is one element}
    ///
    /// @throws IllegalArgumentException for strings
    public static int bytes(DType dtype) {
        if (dtype == DType.STRING) {
            throw new IllegalArgumentException("RawElements: expected a fixed size, got " + dtype);
        }
        return dtype.bytes();
    }

    /// Reads exactly the elements of a tensor from a stream.
    ///
    /// @throws EOFException if it ends before
    public static void read(InputStream in, ByteOrder order, Tensor into) throws IOException {
        var chunk = ByteBuffer.allocate(CHUNK).order(order);
        long left = (long) into.size() * bytes(into.dtype());
        int element = 0;
        while (left > 0) {
            int wanted = (int) Math.min(CHUNK, left);
            int got = in.readNBytes(chunk.array(), 0, wanted);
            if (got < wanted) throw new EOFException((left - got) + " bytes are missing");
            read(chunk.clear().limit(wanted), into, element);
            element += wanted / bytes(into.dtype());
            left -= wanted;
        }
    }

    /// Reads as many elements as the buffer holds, in the buffer's byte order, to a flat position.
    public static void read(ByteBuffer from, Tensor into, int element) {
        int count = from.remaining() / bytes(into.dtype());
        switch (into.dtype()) {
            case FLOAT32 -> from.asFloatBuffer().get(into.floats(), element, count);
            case FLOAT64 -> from.asDoubleBuffer().get(into.doubles(), element, count);
            case INT32, UINT32 -> from.asIntBuffer().get(into.ints(), element, count);
            case INT64, UINT64 -> from.asLongBuffer().get(into.longs(), element, count);
            case FLOAT16, BFLOAT16, INT16, UINT16 ->
                    from.asShortBuffer().get(into.shorts(), element, count);
            case COMPLEX64 -> from.asFloatBuffer().get(into.floats(), 2 * element, 2 * count);
            case COMPLEX128 -> from.asDoubleBuffer().get(into.doubles(), 2 * element, 2 * count);
            case BOOL -> {
                for (int i = 0; i < count; i++)
                    into.bytes()[element + i] = (byte) (from.get() == 0 ? 0 : 1);
            }
            case INT8, UINT8, INT4, UINT4, INT2, UINT2 -> from.get(into.bytes(), element, count);
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                    from.get(into.bytes(), element, count);
            case STRING -> throw new AssertionError("refused by bytes()");
        }
    }

    /// {@return the elements of a tensor}
    public static byte[] bytes(Tensor from, ByteOrder order) {
        var all = ByteBuffer.allocate(Math.multiplyExact(from.size(), bytes(from.dtype())));
        write(from, 0, from.size(), all.order(order));
        return all.array();
    }

    /// Writes the elements of a tensor.
    public static void write(Tensor from, ByteOrder order, OutputStream out) throws IOException {
        var chunk = ByteBuffer.allocate(CHUNK).order(order);
        int perChunk = CHUNK / bytes(from.dtype());
        for (long element = 0; element < from.size(); element += perChunk) {
            int count = (int) Math.min(perChunk, from.size() - element);
            write(from, (int) element, count, chunk.clear());
            out.write(chunk.array(), 0, count * bytes(from.dtype()));
        }
    }

    private static void write(Tensor from, int element, int count, ByteBuffer to) {
        switch (from.dtype()) {
            case FLOAT32 -> to.asFloatBuffer().put(from.floats(), element, count);
            case FLOAT64 -> to.asDoubleBuffer().put(from.doubles(), element, count);
            case INT32, UINT32 -> to.asIntBuffer().put(from.ints(), element, count);
            case INT64, UINT64 -> to.asLongBuffer().put(from.longs(), element, count);
            case FLOAT16, BFLOAT16, INT16, UINT16 ->
                    to.asShortBuffer().put(from.shorts(), element, count);
            case COMPLEX64 -> to.asFloatBuffer().put(from.floats(), 2 * element, 2 * count);
            case COMPLEX128 -> to.asDoubleBuffer().put(from.doubles(), 2 * element, 2 * count);
            case BOOL, INT8, UINT8, INT4, UINT4, INT2, UINT2 ->
                    to.put(from.bytes(), element, count);
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                    to.put(from.bytes(), element, count);
            case STRING -> throw new AssertionError("refused by bytes()");
        }
    }
}
