package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void anUnknownCommandIsWrongUseAndIsNamed() {
        var run = CommandLineRun.of("nonsense", "--out", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines())
                .containsExactly(
                        "webdnn: unknown command: nonsense",
                        "'webdnn --help' shows what there is.");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void noCommandIsWrongUse() {
        var run = CommandLineRun.of();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("webdnn: expected a command");
    }

    @Test
    void anUnknownOptionIsWrongUseAndIsNamed() {
        var run = CommandLineRun.of("runtime", "--nowhere");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("webdnn runtime: ", "--out").hasLineCount(2);
    }

    @Test
    void anOptionThatIsNoNumberIsWrongUseAndIsNamed() {
        var run = CommandLineRun.of("serve", ".", "--port", "minus-one");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("webdnn serve: Invalid value for option '--port': 'minus-one'")
                .hasLineCount(2);
    }

    @Test
    void helpNamesEveryCommand() {
        var run = CommandLineRun.of("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("runtime", "serve", "test", "java", "--verbose");
    }

    @Test
    void versionIsShown() {
        assertThat(CommandLineRun.of("--version").out()).startsWith("webdnn ");
    }

    @Test
    void onlyVerboseShowsTheStackTrace() {
        var quiet = CommandLineRun.of("serve", "/nonexistent/site");
        assertThat(quiet.exitCode()).isEqualTo(1);
        assertThat(quiet.err().lines())
                .containsExactly("webdnn serve: /nonexistent/site: no such file or directory");

        var verbose = CommandLineRun.of("serve", "/nonexistent/site", "--verbose");
        assertThat(verbose.exitCode()).isEqualTo(1);
        assertThat(verbose.err())
                .startsWith(quiet.err())
                .contains("io.webdnn.cli.StaticServer.start(StaticServer.java:");
    }
}
