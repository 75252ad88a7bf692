package io.webdnn.importer.onnx;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.file.RawElements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A tensor as the file has it: its elements may stand in raw bytes, in lists of numbers, or in
/// another file.
final class OnnxTensor {
    private final Path file;
    String name = "";
    @Nullable DType dtype;
    @Nullable ByteBuffer raw;
    boolean isExternal;
    final List<Long> shape = new ArrayList<>();
    final Longs integers = new Longs();
    final List<String> texts = new ArrayList<>();
    final Map<String, String> external = new LinkedHashMap<>();
    private final List<ByteBuffer> packed = new ArrayList<>();
    private @Nullable OnnxTensor indices;
    private List<Long> spread = List.of();

    OnnxTensor(Path file) {
        this.file = file;
    }

    String name() {
        return name;
    }

    /// Adds floats or doubles, as bytes.
    void packed(ByteBuffer bytes) {
        packed.add(bytes);
    }

    /// Says that these are the elements other than 0 of a larger tensor.
    ///
    /// @param places where they stand: `[count]`, counted row by row, or `[count, rank]`
    void spread(OnnxTensor places, List<Long> over) {
        indices = places;
        spread = List.copyOf(over);
    }

    /// {@return the tensor}
    ///
    /// @throws FileException if there are not as many elements as the shape says, or no room for
    ///   them
    Tensor toTensor() {
        var elements = elements();
        return indices == null
                ? elements
                : SparseElements.of(elements, indices.toTensor(), spread, this);
    }

    private Tensor elements() {
        if (dtype == null) throw broken("dtype", "one", "none");
        int[] extents = extents(dtype);
        long elements = Arrays.stream(extents).asLongStream().reduce(1, (a, b) -> a * b);
        if (isExternal && dtype == DType.STRING)
            throw broken("contents", "string_data", "bytes in another file");
        if (isExternal) return readExternal(dtype, bytes(dtype, elements), extents);
        if (raw != null) return fromBytes(raw, dtype, extents);
        return switch (dtype) {
            case STRING -> {
                need("string_data", elements, texts.size());
                yield Tensor.of(dtype, texts.toArray(new String[0]), extents);
            }
            case FLOAT32, FLOAT64, COMPLEX64, COMPLEX128 -> fromBytes(joined(), dtype, extents);
            case FLOAT16,
                    BFLOAT16,
                    FLOAT8E4M3FN,
                    FLOAT8E4M3FNUZ,
                    FLOAT8E5M2,
                    FLOAT8E5M2FNUZ,
                    FLOAT8E8M0,
                    INT64,
                    INT32,
                    INT16,
                    INT8,
                    UINT64,
                    UINT32,
                    UINT16,
                    UINT8,
                    BOOL ->
                    fromIntegers(dtype, elements, extents);
            case INT4, UINT4, INT2, UINT2, FLOAT4E2M1 -> fromBytes(narrowed(), dtype, extents);
        };
    }

    private int[] extents(DType of) {
        double elements = 1;
        var extents = new int[shape.size()];
        for (int d = 0; d < extents.length; d++) {
            long extent = shape.get(d);
            elements *= extent;
            if (extent < 0 || extent > Integer.MAX_VALUE)
                throw broken("shape", "extents from 0 to 2^31 - 1", shape);
            extents[d] = (int) extent;
        }
        if (elements * (of.kind() == DType.Kind.COMPLEX ? 2 : 1) > Integer.MAX_VALUE - 8)
            throw broken("shape", "fewer than 2^31 elements", shape);
        return extents;
    }

    /// Elements below eight bits share bytes, the first one in the lowest bits.
    private static long bytes(DType dtype, long elements) {
        return (elements * Math.max(dtype.bits(), 1) + 7) / 8;
    }

    private Tensor fromBytes(ByteBuffer bytes, DType of, int[] extents) {
        if (of == DType.STRING) throw broken("contents", "string_data", "raw bytes");
        long elements = Arrays.stream(extents).asLongStream().reduce(1, (a, b) -> a * b);
        need("bytes", bytes(of, elements), bytes.remaining());
        var tensor = Tensor.zeros(of, extents);
        if (of.bits() >= 8) RawElements.read(bytes.duplicate().order(bytes.order()), tensor, 0);
        else unpack(bytes, of, tensor.bytes());
        return tensor;
    }

    private static void unpack(ByteBuffer bytes, DType of, byte[] into) {
        int perByte = 8 / of.bits();
        int mask = (1 << of.bits()) - 1;
        int spare = 32 - of.bits();
        for (int i = 0; i < into.length; i++) {
            int bits = bytes.get(bytes.position() + i / perByte) >> i % perByte * of.bits() & mask;
            into[i] = (byte) (of.kind() == DType.Kind.SIGNED ? bits << spare >> spare : bits);
        }
    }

    private Tensor fromIntegers(DType of, long elements, int[] extents) {
        need("int_data", elements, integers.count);
        var tensor = Tensor.zeros(of, extents);
        for (int i = 0; i < elements; i++) {
            long value = integers.values[i];
            switch (tensor.storage()) {
                case short[] a -> a[i] = (short) value; // of float16 these are the bits
                case byte[] a when of == DType.BOOL -> a[i] = (byte) (value == 0 ? 0 : 1);
                case byte[] a -> a[i] = (byte) value;
                default -> tensor.setLong(i, value);
            }
        }
        return tensor;
    }

    /// Numbers that hold a byte each.
    private ByteBuffer narrowed() {
        var bytes = new byte[integers.count];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) integers.values[i];
        return ByteBuffer.wrap(bytes);
    }

    private ByteBuffer joined() {
        if (packed.size() == 1) return packed.getFirst();
        var all =
                ByteBuffer.allocate(packed.stream().mapToInt(ByteBuffer::remaining).sum())
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (var part : packed) all.put(part.duplicate());
        return all.flip();
    }

    /// Data of a tensor beside the model; the location may not lead out of the model's directory.
    private Tensor readExternal(DType of, long expected, int[] extents) {
        var location = external.getOrDefault("location", "");
        try {
            var directory = file.toAbsolutePath().getParent();
            var path = directory == null ? file : directory.resolve(location).normalize();
            if (location.isEmpty()
                    || directory == null
                    || Path.of(location).isAbsolute()
                    || !path.startsWith(directory.normalize())
                    || Files.exists(path)
                            && !path.toRealPath().startsWith(directory.toRealPath())) {
                throw broken("location", "a path below the model's directory", location);
            }
            try (var channel = FileChannel.open(path)) {
                long offset = number("offset", 0);
                long length = number("length", channel.size() - offset);
                need("bytes in " + location, expected, length);
                if (offset < 0 || offset + length > channel.size()) {
                    throw broken(
                            "bytes in " + location,
                            (offset + length) + " (offset + length)",
                            channel.size());
                }
                var in = Channels.newInputStream(channel.position(offset));
                if (of.bits() < 8)
                    return fromBytes(ByteBuffer.wrap(in.readNBytes((int) length)), of, extents);
                var tensor = Tensor.zeros(of, extents);
                RawElements.read(in, ByteOrder.LITTLE_ENDIAN, tensor);
                return tensor;
            }
        } catch (IOException e) {
            throw FileException.reading(file.resolveSibling(location), e);
        } catch (java.nio.file.InvalidPathException e) {
            throw broken("location", "a path", location);
        }
    }

    private long number(String key, long otherwise) {
        var text = external.get(key);
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw broken(key, "a number", "'" + text + "'");
        }
    }

    private void need(String what, long expected, long actual) {
        if (expected != actual)
            throw broken(what, expected + " for " + dtype + shape, Long.toString(actual));
    }

    FileException broken(String what, String expected, Object actual) {
        return FileException.of(
                file + ": tensor" + (name.isEmpty() ? "" : " '" + name + "'"),
                what,
                expected,
                actual);
    }

    /// A list of longs that grows with what the file holds.
    static final class Longs {
        long[] values = new long[4];
        int count;

        void add(long value) {
            if (count == values.length) values = Arrays.copyOf(values, 2 * count);
            values[count++] = value;
        }
    }
}
