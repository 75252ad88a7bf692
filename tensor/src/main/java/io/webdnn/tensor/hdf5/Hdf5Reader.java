package io.webdnn.tensor.hdf5;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Brings a file's groups, texts and numbers into memory, by jHDF. What is neither, and links to
/// other places and files, is left out.
final class Hdf5Reader {
    private static final int DEEPEST = 64;

    /// As much of a file as says how long it is.
    private static final int START = 64;

    /// Deflate makes nothing smaller than this.
    private static final long BEST_RATIO = 1100;

    private final String file;
    private final long fileSize;

    private Hdf5Reader(String file, long fileSize) {
        this.file = file;
        this.fileSize = fileSize;
    }

    static Hdf5Group read(Path file, String... leftOut) {
        byte[] start;
        try (var in = Files.newInputStream(file)) {
            start = in.readNBytes(START);
            expectWhole(file.toString(), start, Files.size(file));
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
        return read(file.toString(), () -> new HdfFile(file), leftOut);
    }

    static Hdf5Group read(String name, byte[] bytes) {
        expectWhole(name, bytes, bytes.length);
        return read(name, () -> HdfFile.fromBytes(bytes));
    }

    private static Hdf5Group read(String name, Supplier<HdfFile> opened, String... leftOut) {
        try (var hdf = opened.get()) {
            var root = new Hdf5Group();
            new Hdf5Reader(name, hdf.size()).copy(hdf, root, Set.of(leftOut), 0);
            return root;
        } catch (FileException e) {
            throw e;
        } catch (RuntimeException e) {
            // jHDF meets broken files with whatever its reading of buffers runs into
            var why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw broken(name, firstLine(why));
        }
    }

    private static FileException broken(String name, String why) {
        return FileException.saying(name, "no HDF5 file, or a broken one: " + why);
    }

    /// Complains about a file that ends before its superblock says, since jHDF reads what was there
    /// as zeros.
    private static void expectWhole(String name, byte[] start, long size) {
        if (start.length < START) throw broken(name, "it has " + size + " bytes");
        int version = start[8];
        // the end's place by the superblock's version; other sizes of addresses are not written
        int at = version == 0 ? 40 : version == 1 ? 44 : 28;
        int addressSize = start[version < 2 ? 13 : 9];
        if (start[0] != (byte) 0x89 || addressSize != 8) return; // behind a user's block
        long end = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
        if (end > size) throw broken(name, "it should have " + end + " bytes, but has " + size);
    }

    private static String firstLine(String text) {
        var line = text.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    private void copy(Group from, Hdf5Group to, Set<String> leftOut, int depth) {
        if (depth > DEEPEST) // a group that holds itself
        throw FileException.of(file, "groups", "at most " + DEEPEST + " in another", "more");
        for (var attribute : from.getAttributes().values()) copy(attribute, to);
        for (var child : from.getChildren().values()) {
            if (child.isLink() || leftOut.contains(child.getName())) continue;
            switch (child) {
                case Group group -> copy(group, to.putGroup(group.getName()), Set.of(), depth + 1);
                case Dataset dataset -> {
                    var tensor = tensor(dataset);
                    if (tensor != null) to.put(dataset.getName(), tensor);
                }
                case Node _ -> {}
            }
        }
    }

    private static void copy(Attribute attribute, Hdf5Group to) {
        var name = attribute.getName();
        if (attribute.isEmpty() || attribute.getSize() == 0) {
            to.put(name, List.of());
            return;
        }
        switch (attribute.getData()) {
            case String text -> to.putText(name, text);
            case String[] texts -> to.put(name, List.of(texts));
            default -> {}
        }
    }

    private @Nullable Tensor tensor(Dataset dataset) {
        if (dataset.getSizeInBytes() / BEST_RATIO > fileSize) {
            throw FileException.of(
                    file,
                    "array '" + dataset.getPath() + "'",
                    "at most " + BEST_RATIO + " times the file's " + fileSize + " bytes",
                    dataset.getSizeInBytes());
        }
        int[] shape = dataset.getDimensions();
        return switch (dataset.getDataFlat()) {
            case float[] values -> Tensor.of(values, shape);
            case double[] values -> Tensor.of(values, shape);
            case int[] values -> Tensor.of(values, shape);
            case long[] values -> Tensor.of(values, shape);
            case Float value -> Tensor.of(new float[] {value});
            case Double value -> Tensor.of(new double[] {value});
            case Integer value -> Tensor.of(new int[] {value});
            case Long value -> Tensor.of(new long[] {value});
            case null, default -> null;
        };
    }
}
