package io.webdnn.verify.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The browser runtime under TypeScript's own checker, where the machine has npm: the build only
/// strips types.
@Timeout(180)
class BrowserRuntimeTypesTest {
    private static final Path RUNTIME = Path.of("..", "runtime").toAbsolutePath().normalize();

    @TempDir Path directory;

    private record Run(int exitCode, String out) {}

    @BeforeAll
    static void needsTheChecker() throws Exception {
        try {
            var version = tsc("--version");
            if (version.exitCode() != 0) {
                abort("npm could not fetch TypeScript: " + version.out().strip());
            }
        } catch (IOException e) {
            abort("needs npm: " + e.getMessage());
        }
    }

    @Test
    void sourcesHoldUnderTheChecker() throws Exception {
        assertThat(tsc("-p", RUNTIME.toString())).isEqualTo(new Run(0, ""));
    }

    @Test
    void whatIsDeclaredIsWhatIsExported() throws Exception {
        Files.writeString(
                directory.resolve("check.ts"),
                """
                import type * as Declared from '%1$s/src/webdnn'
                import * as Actual from '%1$s/src/index'
                export const exported: Record<keyof typeof Declared, unknown> = Actual
                export const declared = (it: typeof Declared): Record<keyof typeof Actual, unknown> => it
                """
                        .formatted(RUNTIME));
        Files.writeString(
                directory.resolve("tsconfig.json"),
                """
                { "extends": "%s/tsconfig.json", "include": ["check.ts"] }
                """
                        .formatted(RUNTIME));
        assertThat(tsc("-p", directory.toString())).isEqualTo(new Run(0, ""));
    }

    private static Run tsc(String... arguments) throws IOException, InterruptedException {
        var command =
                new ArrayList<String>(
                        List.of("npm", "exec", "--yes", "--package=typescript@7.0.2", "--", "tsc"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Run(process.waitFor(), out);
    }
}
