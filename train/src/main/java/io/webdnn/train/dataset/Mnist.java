package io.webdnn.train.dataset;

import io.webdnn.tensor.file.FileException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The MNIST handwritten digits: 60,000 images of 28×28 to train on, 10,000 to test.
///
/// Source: LeCun, Cortes, Burges; CC BY-SA 3.0.
public final class Mnist {
    private static final int CLASSES = 10;
    private static final RemoteFile TRAIN_IMAGES =
            new RemoteFile(
                    "train-images-idx3-ubyte.gz",
                    9_912_422,
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609");
    private static final RemoteFile TRAIN_LABELS =
            new RemoteFile(
                    "train-labels-idx1-ubyte.gz",
                    28_881,
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c");
    private static final RemoteFile TEST_IMAGES =
            new RemoteFile(
                    "t10k-images-idx3-ubyte.gz",
                    1_648_877,
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6");
    private static final RemoteFile TEST_LABELS =
            new RemoteFile(
                    "t10k-labels-idx1-ubyte.gz",
                    4_542,
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6");
    private static final List<RemoteFile> FILES =
            List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS);

    /// Where the files are, in the order in which they are tried.
    private static final List<URI> MIRRORS =
            List.of(
                    URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
                    URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"));

    private Mnist() {}

    /// Images to train on and to test with.
    public record Split(LabelledImages train, LabelledImages test) {}

    /// {@return both sets, from the cache, which is filled from the network if it is empty}
    ///
    /// @throws DownloadException if they are not there and cannot be had
    public static Split get(Download.Progress progress) {
        return get(cache(), MIRRORS, progress);
    }

    static Split get(Path cache, List<URI> mirrors, Download.Progress progress) {
        var download = new Download(mirrors, progress);
        for (var file : FILES) download.fetch(file, cache);
        return new Split(train(cache), test(cache));
    }

    /// {@return where downloaded files are kept: `$XDG_CACHE_HOME/webdnn/mnist`, or
    /// `~/.cache/webdnn/mnist`}
    public static Path cache() {
        var configured = System.getenv("XDG_CACHE_HOME");
        var home =
                configured == null || configured.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(configured);
        return home.resolve("webdnn").resolve("mnist");
    }

    /// {@return the images to train on from files in a directory, plain or gzipped}
    ///
    /// @throws FileException if they are not there or broken
    public static LabelledImages train(Path directory) {
        return read(directory, TRAIN_IMAGES, TRAIN_LABELS);
    }

    /// {@return the images to test with from files in a directory, plain or gzipped}
    ///
    /// @throws FileException if they are not there or broken
    public static LabelledImages test(Path directory) {
        return read(directory, TEST_IMAGES, TEST_LABELS);
    }

    private static LabelledImages read(Path directory, RemoteFile imageFile, RemoteFile labelFile) {
        var imagePath = find(directory, imageFile);
        var labelPath = find(directory, labelFile);
        var images = IdxFile.read(imagePath, 3);
        var labels = IdxFile.read(labelPath, 1);
        if (images.extent(1) != 28 || images.extent(2) != 28) {
            throw FileException.of(
                    imagePath.toString(),
                    "images",
                    "28 x 28 pixels",
                    images.extent(1) + " x " + images.extent(2));
        }
        if (images.extent(0) != labels.extent(0)) {
            throw FileException.of(
                    labelPath.toString(),
                    "labels",
                    images.extent(0) + ", as many as images",
                    labels.extent(0));
        }
        for (int i = 0; i < labels.bytes().length; i++) {
            if ((labels.bytes()[i] & 255) >= CLASSES) {
                throw FileException.of(
                        labelPath.toString(), "label " + i, "0 ... 9", labels.bytes()[i] & 255);
            }
        }
        return new LabelledImages(images.bytes(), labels.bytes(), 28, 28);
    }

    private static Path find(Path directory, RemoteFile file) {
        if (!Files.isDirectory(directory)) {
            throw FileException.saying(
                    directory.toString(),
                    Files.exists(directory)
                            ? "expected a directory with the MNIST files, got a file"
                            : "no such directory; expected one with the MNIST files");
        }
        var found = firstOf(directory.resolve(file.name()), directory.resolve(file.plainName()));
        if (found == null) {
            throw FileException.saying(
                    directory.toString(), "expected " + file.plainName() + " or " + file.name());
        }
        return found;
    }

    private static @Nullable Path firstOf(Path... candidates) {
        for (var path : candidates) if (Files.isRegularFile(path)) return path;
        return null;
    }
}
