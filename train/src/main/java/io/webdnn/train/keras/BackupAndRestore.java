package io.webdnn.train.keras;

import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Keeps the model as the last epoch left it, so that a `fit` which was broken off goes on behind
/// that epoch when it is begun again. When training ends, nothing is kept.
///
/// ```java
/// model.fit(x, y, Fit.batchSize(32).epochs(100).callbacks(new BackupAndRestore(Path.of("backup"))));
/// ```
public final class BackupAndRestore implements Callback {
    private static final Pattern FILE = Pattern.compile("epoch_(\\d{1,9})\\.h5");

    private final Path directory;
    private Model model = new Sequential();

    /// @param directory where the model is kept; it is made if it is not there
    public BackupAndRestore(Path directory) {
        this.directory = directory;
    }

    @Override
    public int firstEpoch(Model begun, int epoch) {
        model = begun;
        int last = -1;
        for (var file : kept()) last = Math.max(last, number(file));
        if (last < 0) return epoch;
        ModelReader.resume(directory.resolve("epoch_" + last + ".h5"), begun);
        return Math.max(epoch, last + 1);
    }

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        var before = kept();
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw FileException.writing(directory, e);
        }
        model.save(directory.resolve("epoch_" + epoch + ".h5"));
        before.stream().filter(file -> number(file) != epoch).forEach(BackupAndRestore::delete);
    }

    @Override
    public void onTrainEnd() {
        kept().forEach(BackupAndRestore::delete);
    }

    private static int number(Path file) {
        var name = FILE.matcher(String.valueOf(file.getFileName()));
        return name.matches() ? Integer.parseInt(name.group(1)) : -1;
    }

    private List<Path> kept() {
        if (!Files.isDirectory(directory)) return List.of();
        try (var files = Files.list(directory)) {
            return files.filter(file -> number(file) >= 0).toList();
        } catch (IOException e) {
            throw FileException.reading(directory, e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw FileException.writing(file, e);
        }
    }
}
