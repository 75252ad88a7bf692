package io.webdnn.verify.bench;

import io.webdnn.compiler.Backend;

/// What competitors are given: a backend, and threads where it can have them.
enum Setting {
    WEBASSEMBLY(Backend.WEBASSEMBLY, 1, "WebAssembly, 1 thread", "#3b82c4"),
    WEBASSEMBLY_2(Backend.WEBASSEMBLY, 2, "WebAssembly, 2 threads", "#d9822b"),
    WEBGL(Backend.WEBGL, 1, "WebGL", "#3f9a5f"),
    WEBGPU(Backend.WEBGPU, 1, "WebGPU", "#9b5fb5");

    private final Backend backend;
    private final int threads;
    private final String title;
    private final String color;

    Setting(Backend backend, int threads, String title, String color) {
        this.backend = backend;
        this.threads = threads;
        this.title = title;
        this.color = color;
    }

    Backend backend() {
        return backend;
    }

    int threads() {
        return threads;
    }

    /// {@return the name for readers}
    String title() {
        return title;
    }

    /// {@return the color in charts; it stands out on light and on dark pages}
    String color() {
        return color;
    }

    /// {@return the name in options and reports: `webassembly-2` has two threads}
    @Override
    public String toString() {
        return threads == 1 ? backend.toString() : backend + "-" + threads;
    }
}
