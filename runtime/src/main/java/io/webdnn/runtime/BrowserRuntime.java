package io.webdnn.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/// The browser runtime, bundled when the toolchain was built.
///
/// | file | what it is |
/// |---|---|
/// | `webdnn.js` | for a `<script>` tag: defines the global `WebDNN` |
/// | `webdnn.mjs` | for `import` |
/// | `webdnn.d.ts` | types of both |
public final class BrowserRuntime {
    private static final List<String> FILES = List.of("webdnn.js", "webdnn.mjs", "webdnn.d.ts");

    private BrowserRuntime() {}

    /// {@return the names of the files}
    public static List<String> files() {
        return FILES;
    }

    /// {@return the content of the file of this name, one of [#files()]}
    public static byte[] read(String file) {
        if (!FILES.contains(file)) {
            throw new IllegalArgumentException(
                    "browser runtime: file: expected one of " + FILES + ", got " + file);
        }
        try (var in = BrowserRuntime.class.getResourceAsStream(file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
