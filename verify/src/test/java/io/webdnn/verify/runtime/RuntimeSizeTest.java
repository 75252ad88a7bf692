package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.runtime.BrowserRuntime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/// The runtime stays small, and needs nothing that a strict page forbids.
class RuntimeSizeTest {
    /// The JDK has no Brotli, which makes the file about a tenth smaller than gzip does: under this
    /// bound it is below 22 KB there, of the 25 that it may have.
    private static final int GZIP_BYTES = 24 * 1024;

    @Test
    void fitsTheBudget() throws IOException {
        for (var file : new String[] {"webdnn.js", "webdnn.mjs"}) {
            var compressed = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(compressed)) {
                gzip.write(BrowserRuntime.read(file));
            }
            assertThat(compressed.size()).as(file).isBetween(1024, GZIP_BYTES);
        }
    }

    @Test
    void neverTurnsTextIntoCode() {
        var source = new String(BrowserRuntime.read("webdnn.js"), StandardCharsets.UTF_8);
        assertThat(source)
                .doesNotContainPattern("\\beval\\(|\\bFunction\\(|createObjectURL\\(new Blob");
    }
}
