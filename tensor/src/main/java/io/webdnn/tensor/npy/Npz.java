package io.webdnn.tensor.npy;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import java.io.BufferedInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// NumPy's file of several arrays (`.npz`): a zip archive with an `.npy` entry for each key.
///
/// Keys keep the order of the file. What is written depends on the tensors alone, so that equal
/// contents are equal bytes.
public final class Npz {
    private static final String SUFFIX = ".npy";

    /// The same on every run, and late enough for a zip date in every time zone.
    private static final LocalDateTime DATE = LocalDateTime.of(1980, 2, 1, 0, 0);

    /// Deflate makes nothing smaller than this.
    private static final long BEST_RATIO = 1100;

    private Npz() {}

    /// {@return all arrays under their keys, in the order of the file}
    ///
    /// @throws FileException if the file cannot be read or is broken
    public static Map<String, Tensor> read(Path file) {
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var zip = open(file)) {
            for (var entries = zip.entries(); entries.hasMoreElements(); ) {
                var entry = entries.nextElement();
                if (tensors.put(key(file, entry), read(file, zip, entry)) != null) {
                    throw FileException.saying(
                            file.toString(), "the key '" + entry.getName() + "' is there twice");
                }
            }
        } catch (IOException e) {
            throw broken(file, e);
        }
        return tensors;
    }

    /// {@return one array}
    ///
    /// @throws FileException if the file cannot be read, is broken or does not hold the key
    public static Tensor read(Path file, String key) {
        try (var zip = open(file)) {
            var entry = zip.getEntry(key + SUFFIX);
            if (entry == null) {
                var keys = zip.stream().map(e -> key(file, e)).toList();
                throw FileException.of(file.toString(), "key", "one of " + keys, key);
            }
            return read(file, zip, entry);
        } catch (IOException e) {
            throw broken(file, e);
        }
    }

    private static ZipFile open(Path file) throws IOException {
        if (!Files.exists(file)) throw new NoSuchFileException(file.toString());
        return new ZipFile(file.toFile());
    }

    private static FileException broken(Path file, IOException e) {
        return e instanceof ZipException
                ? FileException.of(
                        file.toString(), "contents", "an .npz (zip) file", e.getMessage())
                : FileException.reading(file, e);
    }

    private static String key(Path file, ZipEntry entry) {
        if (!entry.getName().endsWith(SUFFIX)) {
            throw FileException.of(
                    file.toString(), "entries", "names that end in .npy", entry.getName());
        }
        return entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
    }

    private static Tensor read(Path file, ZipFile zip, ZipEntry entry) throws IOException {
        var name = file + ": " + entry.getName();
        long size = entry.getSize();
        if (size < 0 || size / BEST_RATIO > entry.getCompressedSize()) {
            throw FileException.of(
                    name,
                    "size",
                    "at most " + BEST_RATIO + " times the stored " + entry.getCompressedSize(),
                    size);
        }
        try (var in =
                new CheckedInputStream(
                        new BufferedInputStream(zip.getInputStream(entry)), new CRC32())) {
            var tensor = Npy.read(in, size, name);
            if (in.getChecksum().getValue() != entry.getCrc()) {
                throw FileException.of(
                        name,
                        "checksum",
                        "%08x".formatted(entry.getCrc()),
                        "%08x".formatted(in.getChecksum().getValue()));
            }
            return tensor;
        } catch (ZipException e) {
            throw FileException.of(name, "contents", "deflated data", e.getMessage());
        }
    }

    /// Writes arrays under their keys, in the map's order; the file appears only when it is
    /// complete.
    ///
    /// @throws FileException if it cannot be written
    /// @throws IllegalArgumentException for a dtype that NumPy does not have
    public static void write(Path file, Map<String, Tensor> tensors) {
        try {
            AtomicFile.write(file, out -> write(out, tensors));
        } catch (IOException e) {
            throw FileException.writing(file, e);
        }
    }

    private static void write(OutputStream out, Map<String, Tensor> tensors) throws IOException {
        var zip = new ZipOutputStream(new Unclosed(out));
        for (var named : tensors.entrySet()) {
            var entry = new ZipEntry(named.getKey() + SUFFIX);
            entry.setTimeLocal(DATE);
            zip.putNextEntry(entry);
            Npy.write(zip, named.getValue());
            zip.closeEntry();
        }
        zip.close();
    }

    /// The file is closed by who opened it; the archive only ends in it.
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length); // FilterOutputStream goes byte by byte
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
