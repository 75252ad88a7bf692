package io.webdnn.verify.bench;

import java.util.Locale;

/// A runtime that is measured; the page knows it by its name.
enum Competitor {
    WEBDNN,
    ONNXRUNTIME;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
