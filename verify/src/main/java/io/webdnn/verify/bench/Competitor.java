package io.webdnn.verify.bench;

import java.util.Locale;

/// A runtime that is measured; the page knows it by its name.
enum Competitor {
    WEBDNN("ours"),
    ONNXRUNTIME("ONNX Runtime"),
    TENSORFLOW("TensorFlow.js");

    private final String title;

    Competitor(String title) {
        this.title = title;
    }

    /// {@return the name for readers}
    String title() {
        return title;
    }

    boolean isFor(Setting setting) {
        return this != TENSORFLOW || setting.backend() != null;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
