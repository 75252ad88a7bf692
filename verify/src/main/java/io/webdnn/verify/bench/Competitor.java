package io.webdnn.verify.bench;

import java.util.Locale;

/// A runtime that is measured; the page knows it by its name.
enum Competitor {
    WEBDNN("ours"),
    ONNXRUNTIME("ONNX Runtime");

    private final String title;

    Competitor(String title) {
        this.title = title;
    }

    /// {@return the name for readers}
    String title() {
        return title;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
