package io.webdnn.verify.bench;

import io.webdnn.compiler.Backend;

/// What competitors are given: a backend, and threads where it can have them.
enum Setting {
    WEBASSEMBLY(Backend.WEBASSEMBLY, 1),
    WEBASSEMBLY_2(Backend.WEBASSEMBLY, 2),
    WEBGL(Backend.WEBGL, 1),
    WEBGPU(Backend.WEBGPU, 1);

    private final Backend backend;
    private final int threads;

    Setting(Backend backend, int threads) {
        this.backend = backend;
        this.threads = threads;
    }

    Backend backend() {
        return backend;
    }

    int threads() {
        return threads;
    }

    /// {@return the name in options and reports: `webassembly-2` has two threads}
    @Override
    public String toString() {
        return threads == 1 ? backend.toString() : backend + "-" + threads;
    }
}
