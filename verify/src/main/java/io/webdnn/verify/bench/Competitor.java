package io.webdnn.verify.bench;

/// A runtime that is measured; the page knows it by its name.
enum Competitor {
    WEBDNN("webdnn"),
    ONNXRUNTIME("onnxruntime");

    private final String word;

    Competitor(String word) {
        this.word = word;
    }

    @Override
    public String toString() {
        return word;
    }
}
