package io.webdnn.tensor.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Entries of a zip archive, brought into memory; one that could do harm is refused.
public final class ZipContents implements AutoCloseable {
    /// Deflate makes nothing smaller than this.
    private static final long BEST_RATIO = 1100;

    private final Path file;
    private final ZipFile zip;

    private ZipContents(Path file, ZipFile zip) {
        this.file = file;
        this.zip = zip;
    }

    /// Opens an archive.
    ///
    /// @throws FileException if it cannot be read, is none, or has entries that lie elsewhere
    public static ZipContents open(Path file) {
        if (!Files.exists(file))
            throw FileException.reading(file, new NoSuchFileException(file.toString()));
        ZipContents contents;
        try {
            contents = new ZipContents(file, new ZipFile(file.toFile()));
        } catch (ZipException e) {
            throw FileException.of(file.toString(), "contents", "a zip archive", e.getMessage());
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
        contents.expectWithin();
        return contents;
    }

    private void expectWithin() {
        for (var entries = zip.entries(); entries.hasMoreElements(); ) {
            var name = entries.nextElement().getName();
            boolean leaves =
                    name.startsWith("/")
                            || name.indexOf('\\') >= 0
                            || name.indexOf(':') >= 0
                            || java.util.Arrays.asList(name.split("/")).contains("..");
            if (!leaves) continue;
            close();
            throw FileException.of(file.toString(), "entries", "names within the archive", name);
        }
    }

    /// {@return the bytes of an entry}
    ///
    /// @throws FileException if there is none, it is broken, or is not of the size that it says
    public byte[] read(String name) {
        var entry = zip.getEntry(name);
        if (entry == null) {
            var names = zip.stream().map(ZipEntry::getName).toList();
            throw FileException.of(file.toString(), "entry '" + name + "'", "one of it", names);
        }
        long size = entry.getSize();
        var place = file + ": " + name;
        if (size < 0
                || size > Integer.MAX_VALUE - 16
                || size / BEST_RATIO > entry.getCompressedSize()) {
            throw FileException.of(
                    place,
                    "size",
                    "at most " + BEST_RATIO + " times the stored " + entry.getCompressedSize(),
                    size);
        }
        try (var in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) size + 1);
            if (bytes.length != size) {
                throw FileException.of(
                        place,
                        "size",
                        size + " bytes, as the archive says",
                        bytes.length > size ? "more" : bytes.length);
            }
            return bytes;
        } catch (ZipException e) {
            throw FileException.of(place, "contents", "deflated data", e.getMessage());
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
    }
}
