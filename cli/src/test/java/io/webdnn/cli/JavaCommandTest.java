package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Programs that write a file, since what they print goes past the command line's streams.
class JavaCommandTest {
    @TempDir Path directory;

    @Test
    void aProgramGetsWhatFollowsItsFile() throws IOException {
        var run =
                run(
                        """
                        import java.nio.file.*;
                        class Program {
                            public static void main(String[] arguments) throws Exception {
                                Files.writeString(Path.of(arguments[0]), String.join("|", arguments));
                            }
                        }
                        """,
                        directory.resolve("out").toString(),
                        "-e",
                        "2",
                        "--verbose",
                        "@no-file",
                        "a b");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(directory.resolve("out")).content().endsWith("|-e|2|--verbose|@no-file|a b");
    }

    @Test
    void classesBesideItAreFoundAndMainMayBeAnInstanceMethod() throws IOException {
        var home = Files.createDirectories(directory.resolve("a/b"));
        Files.writeString(
                home.resolve("Other.java"),
                "package a.b; class Other { static String text() { return \"other\"; } }");
        Files.writeString(
                home.resolve("Program.java"),
                """
                package a.b;
                class Program {
                    void main() throws Exception {
                        java.nio.file.Files.writeString(java.nio.file.Path.of("%s"), Other.text());
                    }
                }
                """
                        .formatted(directory.resolve("out")));
        var run = CommandLineRun.of("java", home.resolve("Program.java").toString());
        assertThat(run.err()).isEmpty();
        assertThat(directory.resolve("out")).hasContent("other");
    }

    @Test
    void anErrorOfTheToolchainIsOneLineAndItsPlace() throws IOException {
        var program =
                """
                import io.webdnn.tensor.npy.Npy;
                class Program {
                    public static void main(String[] arguments) {
                        Npy.read(java.nio.file.Path.of("nowhere.npy"));
                    }
                }
                """;
        var run = run(program);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .containsExactly(
                        "webdnn java: nowhere.npy: cannot be read: no such file",
                        "  at Program.java:4");

        var verbose =
                CommandLineRun.of(
                        "--verbose", "java", directory.resolve("Program.java").toString());
        assertThat(verbose.exitCode()).isEqualTo(1);
        assertThat(verbose.err())
                .startsWith("webdnn java: nowhere.npy: cannot be read: no such file")
                .contains("Program.main(Program.java:4)");
    }

    @Test
    void aMistakeOfTheProgramKeepsItsStackTraceFromMainOn() throws IOException {
        var run =
                run(
                        """
                        class Program {
                            public static void main(String[] arguments) { number("x"); }
                            static int number(String text) { return Integer.parseInt(text); }
                        }
                        """);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("java.lang.NumberFormatException: For input string: \"x\"");
        assertThat(run.err().stripTrailing()).endsWith("Program.main(Program.java:2)");
    }

    @Test
    void whatDoesNotCompileIsShownByTheCompiler() throws IOException {
        var run = run("class Program { int x = \"text\"; }");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("Program.java:1: error: incompatible types")
                .endsWith("Program.java: compilation failed" + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "class Program { }       | Program: expected a method main(String[] arguments), got none",
                "import java.util.List;  | Program.java: expected a class, got none"
            })
    void aFileWithNothingToRunIsNamed(String source, String message) throws IOException {
        var run = run(source);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().strip()).endsWith(message).hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Nowhere.java | webdnn java: no such file: Nowhere.java",
                "model.py     | webdnn java: expected a Java source file (NAME.java), got model.py",
                "''           | webdnn java: expected a Java source file (NAME.java), got none"
            })
    void whatIsNoProgramIsWrongUse(String file, String message) {
        var run = CommandLineRun.of("java", file);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).containsExactly(message);
    }

    private CommandLineRun run(String source, String... arguments) throws IOException {
        var file = Files.writeString(directory.resolve("Program.java"), source);
        var line = new ArrayList<>(List.of("java", file.toString()));
        line.addAll(List.of(arguments));
        return CommandLineRun.of(line.toArray(new String[0]));
    }
}
