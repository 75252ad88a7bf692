package io.webdnn.verify.bench;

import io.webdnn.compiler.Backend;
import org.jspecify.annotations.Nullable;

/// What competitors are given: a backend of a page or a JVM, and threads where it can have them.
enum Setting {
    WEBASSEMBLY(Backend.WEBASSEMBLY, 1, "WebAssembly, 1 thread", "#3b82c4"),
    WEBASSEMBLY_2(Backend.WEBASSEMBLY, 2, "WebAssembly, 2 threads", "#d9822b"),
    WEBGL(Backend.WEBGL, 1, "WebGL", "#3f9a5f"),
    WEBGPU(Backend.WEBGPU, 1, "WebGPU", "#9b5fb5"),
    JVM(null, 1, "JVM, 1 thread", "#c0504d"),
    JVM_2(null, 2, "JVM, 2 threads", "#7f7f7f");

    private final @Nullable Backend backend;
    private final int threads;
    private final String title;
    private final String color;

    Setting(@Nullable Backend backend, int threads, String title, String color) {
        this.backend = backend;
        this.threads = threads;
        this.title = title;
        this.color = color;
    }

    /// {@return the backend of a page, or null on the JVM}
    @Nullable Backend backend() {
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
        var name = backend == null ? "jvm" : backend.toString();
        return threads == 1 ? name : name + "-" + threads;
    }
}
