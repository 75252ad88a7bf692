package io.webdnn.train.dataset;

import io.webdnn.tensor.file.FileException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// A file of bytes in MNIST's format, plain or gzipped: a magic number that says how many axes
/// follow, their extents as big-endian int32, the bytes.
final class IdxFile {
    private static final int UNSIGNED_BYTES = 0x0800;
    private static final long LARGEST = 1L << 30;

    private final int[] extents;
    private final byte[] bytes;

    private IdxFile(int[] extents, byte[] bytes) {
        this.extents = extents;
        this.bytes = bytes;
    }

    int extent(int axis) {
        return extents[axis];
    }

    byte[] bytes() {
        return bytes;
    }

    /// Reads a file that must have so many axes.
    ///
    /// @throws FileException if it cannot be read or is something else
    static IdxFile read(Path file, int axes) {
        try (var in = open(file)) {
            int magic = number(in, file, "magic number");
            if (magic != (UNSIGNED_BYTES | axes)) {
                throw FileException.of(
                        file.toString(),
                        "magic number",
                        "0x%08x (bytes, %d axes)".formatted(UNSIGNED_BYTES | axes, axes),
                        "0x%08x".formatted(magic));
            }
            int[] extents = new int[axes];
            long size = 1;
            for (int d = 0; d < axes; d++) {
                extents[d] = number(in, file, "extent of axis " + d);
                size = extents[d] < 0 || size > LARGEST ? LARGEST + 1 : size * extents[d];
            }
            if (size > LARGEST) {
                throw FileException.of(
                        file.toString(), "extents", "at most 1 GiB", Arrays.toString(extents));
            }
            byte[] bytes = in.readNBytes((int) size);
            if (bytes.length < size) {
                throw FileException.of(
                        file.toString(), "contents", size + " bytes", bytes.length + " bytes");
            }
            if (in.read() >= 0) {
                throw FileException.of(
                        file.toString(), "contents", size + " bytes", "more than that");
            }
            return new IdxFile(extents, bytes);
        } catch (EOFException | ZipException e) {
            throw FileException.of(
                    file.toString(), "contents", "a whole gzip file", "a broken one");
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        var in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        return file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
    }

    private static int number(InputStream in, Path file, String what) throws IOException {
        byte[] four = in.readNBytes(4);
        if (four.length < 4) {
            throw FileException.of(file.toString(), what, "4 bytes", four.length + " bytes");
        }
        return ByteBuffer.wrap(four).getInt();
    }
}
