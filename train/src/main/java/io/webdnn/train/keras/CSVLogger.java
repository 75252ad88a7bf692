package io.webdnn.train.keras;

import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/// Writes the figures of each epoch as a line of a file: `epoch`, then the others by name.
public final class CSVLogger implements Callback {
    private final Path file;
    private final String separator;
    private final boolean append;
    private boolean begun;

    /// Begins the file anew, with commas.
    public CSVLogger(Path file) {
        this(file, ",", false);
    }

    /// @param separator what stands between figures
    /// @param append whether lines are added to a file that is there
    public CSVLogger(Path file, String separator, boolean append) {
        this.file = file;
        this.separator = separator;
        this.append = append;
    }

    @Override
    public void onTrainBegin(Model model) {
        begun = append && Files.exists(file);
    }

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        var sorted = new TreeMap<>(logs);
        var text = new StringBuilder();
        if (!begun) {
            text.append("epoch");
            sorted.keySet().forEach(name -> text.append(separator).append(name));
            text.append('\n');
        }
        text.append(epoch);
        sorted.values().forEach(value -> text.append(separator).append(value));
        text.append('\n');
        try {
            Files.writeString(
                    file,
                    text,
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    begun ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw FileException.writing(file, e);
        }
        begun = true;
    }
}
