package io.webdnn.train.training;

import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Files of text, complete or not there.
final class TextFile {
    private TextFile() {}

    static void write(Path file, String text) {
        try {
            AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw FileException.writing(file, e);
        }
    }
}
