package io.webdnn.tensor.hdf5;

import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Reads and writes HDF5 files.
public final class Hdf5File {
    private Hdf5File() {}

    /// {@return what a file holds}
    ///
    /// @param leftOut names at the root that need not be read
    /// @throws FileException if it cannot be read, or is none or a broken one
    public static Hdf5Group read(Path file, String... leftOut) {
        if (!Files.exists(file))
            throw FileException.reading(file, new NoSuchFileException(file.toString()));
        return Hdf5Reader.read(file, leftOut);
    }

    /// {@return what bytes of an HDF5 file hold}
    ///
    /// @param name for messages
    /// @throws FileException if they are none, or broken ones
    public static Hdf5Group read(String name, byte[] bytes) {
        return Hdf5Reader.read(name, bytes);
    }

    /// Writes a file, which appears when it is whole.
    ///
    /// @throws FileException if it cannot be written
    public static void write(Path file, Hdf5Group root) {
        try {
            AtomicFile.write(file, out -> Hdf5Writer.write(root, out));
        } catch (IOException e) {
            throw FileException.writing(file, e);
        }
    }
}
