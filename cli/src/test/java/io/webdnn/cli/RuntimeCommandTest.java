package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeCommandTest {
    @TempDir Path directory;

    @Test
    void writesTheBundlesAndTheirTypes() throws IOException {
        var out = directory.resolve("page/js");
        var run = CommandLineRun.of("runtime", "--out", out.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        out.resolve("webdnn.js").toString(),
                        out.resolve("webdnn.mjs").toString(),
                        out.resolve("webdnn.d.ts").toString());
        assertThat(Files.readString(out.resolve("webdnn.js"))).contains("WebDNN");
        assertThat(Files.readString(out.resolve("webdnn.mjs"))).contains("export{");
        assertThat(Files.readString(out.resolve("webdnn.d.ts"))).contains("export ");
    }
}
