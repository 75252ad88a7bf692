package io.webdnn.tensor.npy;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.file.RawElements;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// NumPy's file of one array (`.npy`, versions 1.0 to 3.0).
///
/// Reads numbers, bools, complex numbers and unicode strings in either byte order and either axis
/// order; pickled objects are refused. Writes little-endian, row-major. Sizes are compared with the
/// file's before memory is taken.
///
/// Source: NumPy, `numpy.lib.format`.
public final class Npy {
    private Npy() {}

    /// {@return the tensor in a file}
    ///
    /// @throws FileException if the file cannot be read or is broken
    public static Tensor read(Path file) {
        try (var in = new BufferedInputStream(Files.newInputStream(file))) {
            return read(in, Files.size(file), file.toString());
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
    }

    /// {@return the tensor in a stream that holds nothing else}
    ///
    /// @param size the number of bytes in the stream
    /// @param name what to call the stream in messages
    /// @throws FileException if the contents are broken
    public static Tensor read(InputStream in, long size, String name) throws IOException {
        try {
            var header = NpyHeader.read(in, name);
            check(header, size, name);
            int[] shape = header.shape().stream().mapToInt(Integer::intValue).toArray();
            var tensor =
                    Tensor.zeros(header.dtype(), header.columnMajor() ? reverse(shape) : shape);
            if (header.dtype() == DType.STRING) readStrings(in, header, tensor.strings());
            else RawElements.read(in, header.order(), tensor);
            return header.columnMajor() ? reverseAxes(tensor) : tensor;
        } catch (EOFException e) {
            throw FileException.saying(name, "the file is truncated: " + e.getMessage());
        }
    }

    private static void check(NpyHeader header, long size, String name) {
        double expected = header.elements() * header.elementBytes();
        long actual = size - header.bytes();
        if (expected > actual) {
            throw FileException.saying(
                    name,
                    "the file is truncated: "
                            + header.dtype()
                            + header.shape()
                            + " takes %.0f bytes, %d are there".formatted(expected, actual));
        }
        if (expected < actual) {
            throw FileException.of(
                    name,
                    "bytes after the header",
                    "%.0f for %s%s".formatted(expected, header.dtype(), header.shape()),
                    actual);
        }
        double slots = header.elements() * (header.dtype().kind() == DType.Kind.COMPLEX ? 2 : 1);
        if (slots > Integer.MAX_VALUE - 8) {
            throw FileException.of(name, "elements", "fewer than 2^31", header.shape());
        }
    }

    private static void readStrings(InputStream in, NpyHeader header, String[] into)
            throws IOException {
        for (int i = 0; i < into.length; i++) {
            var bytes = in.readNBytes(header.elementBytes());
            if (bytes.length < header.elementBytes()) throw new EOFException("in string " + i);
            var points = new int[header.characters()];
            ByteBuffer.wrap(bytes).order(header.order()).asIntBuffer().get(points);
            int length = points.length;
            while (length > 0 && points[length - 1] == 0) length--;
            into[i] = new String(points, 0, length);
        }
    }

    private static int[] reverse(int[] shape) {
        var reversed = new int[shape.length];
        for (int d = 0; d < shape.length; d++) reversed[d] = shape[shape.length - 1 - d];
        return reversed;
    }

    private static Tensor reverseAxes(Tensor tensor) {
        int[] from = tensor.shape();
        var result = Tensor.zeros(tensor.dtype(), reverse(from));
        int rank = from.length;
        int slots = tensor.dtype().kind() == DType.Kind.COMPLEX ? 2 : 1;
        var index = new int[rank]; // of `tensor`, counted up in its own order
        for (int i = 0; i < tensor.size(); i++) {
            int at = 0;
            for (int d = rank - 1; d >= 0; d--) at = at * from[d] + index[d];
            System.arraycopy(tensor.storage(), i * slots, result.storage(), at * slots, slots);
            for (int d = rank - 1; d >= 0 && ++index[d] == from[d]; d--) index[d] = 0;
        }
        return result;
    }

    /// Writes a tensor to a file, which appears only when it is complete.
    ///
    /// @throws FileException if it cannot be written
    /// @throws IllegalArgumentException for a dtype that NumPy does not have
    public static void write(Path file, Tensor tensor) {
        try {
            AtomicFile.write(file, out -> write(out, tensor));
        } catch (IOException e) {
            throw FileException.writing(file, e);
        }
    }

    /// Writes a tensor to a stream.
    ///
    /// @throws IllegalArgumentException for a dtype that NumPy does not have
    public static void write(OutputStream out, Tensor tensor) throws IOException {
        if (tensor.dtype() != DType.STRING) {
            out.write(NpyHeader.write(tensor.dtype(), 0, tensor.shape()));
            RawElements.write(tensor, ByteOrder.LITTLE_ENDIAN, out);
            return;
        }
        var strings = Arrays.stream(tensor.strings()).map(s -> s.codePoints().toArray()).toList();
        int longest = Math.max(1, strings.stream().mapToInt(s -> s.length).max().orElse(1));
        out.write(NpyHeader.write(DType.STRING, longest, tensor.shape()));
        for (var points : strings) {
            var bytes = ByteBuffer.allocate(4 * longest).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(points);
            out.write(bytes.array());
        }
    }
}
