package io.webdnn.verify.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The launcher in a project, and on a machine, that are made of shell scripts: a JDK is a
/// `release` file with a `java` that says how it was called, Maven notes that it ran.
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class LauncherTest {
    private static final String INCUBATOR =
            "WARNING: Using incubator modules: jdk.incubator.vector";

    @TempDir Path machine;
    private Path project;
    private Path tools;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void set() throws IOException {
        project = Files.createDirectories(machine.resolve("my project"));
        Files.copy(Path.of("..", "webdnn"), project.resolve("webdnn"));
        for (var module :
                List.of(
                        "tensor",
                        "graph",
                        "compiler",
                        "train",
                        "importer",
                        "runtime",
                        "cli",
                        "verify")) {
            var directory = Files.createDirectories(project.resolve(module + "/src/main"));
            Files.writeString(directory.resolve("A.java"), "");
            Files.createDirectories(project.resolve(module + "/src/test"));
            Files.writeString(project.resolve(module + "/src/test/ATest.java"), "");
            Files.writeString(project.resolve(module + "/pom.xml"), "");
        }
        Files.writeString(project.resolve("pom.xml"), "");
        Files.createDirectories(project.resolve(".mvn"));
        age(project);

        tools = Files.createDirectories(machine.resolve("tools"));
        for (var tool :
                List.of(
                        "awk",
                        "bash",
                        "cat",
                        "dirname",
                        "find",
                        "grep",
                        "head",
                        "id",
                        "ln",
                        "ls",
                        "mkdir",
                        "mkfifo",
                        "mktemp",
                        "mv",
                        "readlink",
                        "rm",
                        "sed",
                        "sleep",
                        "tail",
                        "touch",
                        "tr",
                        "wc")) {
            script(tools.resolve(tool), "exec " + find(tool) + " \"$@\"");
        }
        script(
                tools.resolve("mvn"),
                """
                echo "$*" >>%1$s/maven-calls
                sleep 0.3
                root=$(dirname "$2"); mkdir -p "$root/verify/target"
                printf '%%s' "$root/cli/src" >"$root/verify/target/modulepath"
                """
                        .formatted(machine));
        environment.put("PATH", tools.toString());
        environment.put("HOME", machine.toString());
        environment.put("TMPDIR", machine.toString());
        environment.put("WEBDNN_JVM_DIRECTORY", machine.resolve("jvm").toString());
    }

    @Test
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        jdk("jvm/java-17", "17.0.15", "");
        var run = webdnn("--help");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines().toList()).hasSize(2);
        assertThat(run.err())
                .startsWith("webdnn: no JDK 25 or later was found")
                .contains("https://adoptium.net");
    }

    @Test
    void aRuntimeWithoutCompilerIsNoJdk() throws Exception {
        var home = jdk("jvm/jre-25", "25", "");
        Files.delete(home.resolve("bin/javac"));
        assertThat(webdnn("--help").exitCode()).isEqualTo(2);
    }

    @Test
    void theJdkIsLookedForInAFixedOrder() throws Exception {
        var says = "echo \"$JAVA_HOME\"";
        var old = jdk("old", "17.0.15", says);
        Files.createSymbolicLink(tools.resolve("java"), old.resolve("bin/java"));
        environment.put("JAVA_HOME", old.toString());

        var sdkman = jdk(".sdkman/candidates/java/26-tem", "26", says);
        assertThat(webdnn("x").out().strip()).isEqualTo(sdkman.toString());
        var system = jdk("jvm/temurin-25", "25.0.3", says);
        assertThat(webdnn("x").out().strip()).isEqualTo(system.toString());
        var onPath = jdk("on path", "25", says);
        Files.delete(tools.resolve("java"));
        Files.createSymbolicLink(tools.resolve("java"), onPath.resolve("bin/java"));
        assertThat(webdnn("x").out().strip()).isEqualTo(onPath.toRealPath().toString());
        var chosen = jdk("chosen", "25.0.1", says);
        environment.put("JAVA_HOME", chosen.toString());
        assertThat(webdnn("x").out().strip()).isEqualTo(chosen.toString());
    }

    @Test
    void withoutMavenItSaysWhatToInstall() throws Exception {
        jdk("jvm/temurin-25", "25", "");
        Files.delete(tools.resolve("mvn"));
        var run = webdnn("--help");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("webdnn: Maven (mvn) is not on the PATH")
                .contains("apt install maven");
    }

    @Test
    void itBuildsOnlyWhatIsOlderThanItsSources() throws Exception {
        jdk("jvm/temurin-25", "25", "");
        assertThat(webdnn("x").err()).startsWith("webdnn: building").hasLineCount(1);
        assertThat(webdnn("x").err()).isEmpty();
        assertThat(mavenCalls()).hasSize(1);

        Files.writeString(project.resolve("graph/src/test/ATest.java"), "changed");
        assertThat(webdnn("x").err()).isEmpty();

        Files.writeString(project.resolve("graph/src/main/A.java"), "changed");
        assertThat(webdnn("x").err()).startsWith("webdnn: building");
        assertThat(mavenCalls()).hasSize(2);

        Files.delete(project.resolve("graph/src/main/A.java"));
        assertThat(webdnn("x").err()).startsWith("webdnn: building");
        assertThat(webdnn("x").err()).isEmpty();
        assertThat(mavenCalls()).hasSize(3);
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        jdk("jvm/temurin-25", "25", "");
        var processes = new ArrayList<Process>();
        for (int i = 0; i < 4; i++) {
            processes.add(start("x"));
        }
        for (var process : processes) {
            assertThat(process.waitFor()).isZero();
        }
        assertThat(mavenCalls()).hasSize(1);
    }

    @Test
    void theLockOfALauncherThatWasKilledIsTaken() throws Exception {
        jdk("jvm/temurin-25", "25", "");
        var gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.createDirectories(project.resolve("target/webdnn"));
        Files.createSymbolicLink(
                project.resolve("target/webdnn/lock"), Path.of(Long.toString(gone.pid())));
        assertThat(webdnn("x").exitCode()).isZero();
        assertThat(mavenCalls()).hasSize(1);
    }

    @Test
    void aBuildThatFailsShowsWhy() throws Exception {
        jdk("jvm/temurin-25", "25", "echo started");
        script(
                tools.resolve("mvn"),
                """
                echo '[INFO] chatter'
                echo '[ERROR] /a/Shape.java:[3,5] cannot find symbol'
                echo '[ERROR] -> [Help 1]'
                exit 1
                """);
        var run = webdnn("x");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines().skip(1))
                .containsExactly(
                        "webdnn: the build failed:",
                        "[ERROR] /a/Shape.java:[3,5] cannot find symbol",
                        "webdnn: all of it: " + project.toRealPath() + "/target/webdnn/build.log");
        assertThat(project.resolve("target/webdnn/lock")).doesNotExist();
    }

    @Test
    void exitCodeInputAndArgumentsPassAsTheyAre() throws Exception {
        jdk(
                "jvm/temurin-25",
                "25",
                """
                while [ "$1" != io.webdnn.cli/io.webdnn.cli.Main ]; do shift; done; shift
                printf '<%s>' "$@"; cat; exit 7
                """);
        var process = start("convert", "a b", "", "*", "--out=c\"d'");
        process.getOutputStream().write("typed".getBytes(UTF_8));
        process.getOutputStream().close();
        assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
                .isEqualTo("<convert><a b><><*><--out=c\"d'>typed");
        assertThat(process.waitFor()).isEqualTo(7);
    }

    @Test
    void onlyTheLineAboutIncubatorModulesIsDropped() throws Exception {
        jdk(
                "jvm/temurin-25",
                "25",
                """
                echo 'Picked up JAVA_TOOL_OPTIONS: -Dx=y' >&2
                echo '%1$s' >&2
                printf '50 %%%%\\r' >&2
                echo '%1$s' >&2
                printf 'no end of line' >&2
                """
                        .formatted(INCUBATOR));
        webdnn("x");
        assertThat(webdnn("x").err())
                .isEqualTo(
                        "Picked up JAVA_TOOL_OPTIONS: -Dx=y\n50 %\r"
                                + INCUBATOR
                                + "\nno end of line");
    }

    @Test
    void aProgramThatPrintsNoSuchLineLosesNothing() throws Exception {
        jdk("jvm/temurin-25", "25", "echo first >&2; echo second >&2; exit 3");
        webdnn("x");
        assertThat(webdnn("x").err()).isEqualTo("first\nsecond\n");
    }

    @ParameterizedTest
    @CsvSource({"TERM,143", "INT,130", "HUP,129", "KILL,137"})
    void nothingIsLeftBehindWhenItIsKilled(String signal, int exitCode) throws Exception {
        jdk("jvm/temurin-25", "25", "echo $$; exec sleep 50");
        var process = start("x");
        var jvm = Long.parseLong(process.inputReader().readLine());
        // not Process.destroy, which knows no INT
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor()).isEqualTo(exitCode);
        var left = ProcessHandle.of(jvm);
        if (left.isPresent()) {
            left.get().onExit().get(5, SECONDS);
        }
    }

    @Test
    void aJavaProgramRunsInTheCallersDirectory() throws Exception {
        jdk("jvm/temurin-25", "25", "pwd; echo \"$*\"");
        var exercise = Files.createDirectories(project.resolve("exercise"));
        Files.writeString(exercise.resolve("Train.java"), "");
        var process = builder("java", "Train.java", "-e", "2").directory(exercise.toFile()).start();
        var out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(out.lines().findFirst()).contains(exercise.toRealPath().toString());
        assertThat(out).endsWith(" java Train.java -e 2\n");
    }

    @Test
    void testCountsWhatTheReportsSay() throws Exception {
        jdk("jvm/temurin-25", "25", "");
        script(machine.resolve("browser"), "");
        environment.put("CHROME_PATH", machine.resolve("browser").toString());
        var reports = Files.createDirectories(project.resolve("graph/target/surefire-reports"));
        Files.writeString(
                reports.resolve("TEST-Old.xml"), report(100, 100, "<skipped message=\"old\"/>"));
        Files.writeString(machine.resolve("a.xml"), report(12, 0, ""));
        Files.writeString(
                machine.resolve("b.xml"),
                report(3, 1, "<skipped message=\"Assumption failed: needs WEBDNN_TEST_DATA\"/>"));
        script(
                tools.resolve("mvn"),
                """
                mkdir -p "$(dirname "$2")/verify/target/surefire-reports" "$(dirname "$2")/cli/target/surefire-reports"
                cd "$(dirname "$2")"
                printf '%%s' "$PWD/cli/src" >verify/target/modulepath
                mkdir -p graph/target/surefire-reports
                case "$*" in
                  *verify) cat "%1$s/a.xml" >graph/target/surefire-reports/TEST-A.xml
                           cat "%1$s/b.xml" >cli/target/surefire-reports/TEST-B.xml ;;
                esac
                """
                        .formatted(machine));
        var run = webdnn("test");
        assertThat(run.out().lines().toList())
                .endsWith(
                        "1 oracle tests were skipped: WEBDNN_TEST_DATA is not set to the directory"
                                + " that holds their data",
                        "14 passed, 0 failed, 1 skipped");
        assertThat(run.exitCode()).isZero();

        Files.writeString(
                machine.resolve("b.xml"),
                report(3, 0, "").replace("failures=\"0\"", "failures=\"2\""));
        var failed = webdnn("test");
        assertThat(failed.out()).endsWith("\n13 passed, 2 failed, 0 skipped\n");
        assertThat(failed.exitCode()).isEqualTo(1);
    }

    @Test
    void testNeedsABrowser() throws Exception {
        jdk("jvm/temurin-25", "25", "");
        environment.put("CHROME_PATH", "/nonexistent/chrome");
        var named = webdnn("test");
        assertThat(named.exitCode()).isEqualTo(2);
        assertThat(named.err())
                .isEqualTo(
                        "webdnn: CHROME_PATH: expected a browser that can be run, got"
                                + " /nonexistent/chrome\n");
        environment.remove("CHROME_PATH"); // and there is no apt-get among the tools
        var none = webdnn("test");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("none was found", "sudo apt install chromium");
    }

    private record Run(int exitCode, String out, String err) {}

    private ProcessBuilder builder(String... arguments) {
        var command = new ArrayList<String>(List.of(project.resolve("webdnn").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(machine.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }

    private Process start(String... arguments) throws IOException {
        return builder(arguments).start();
    }

    private Run webdnn(String... arguments) throws Exception {
        var err = machine.resolve("stderr");
        var process = builder(arguments).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), UTF_8);
        // read at once: nothing may arrive after the launcher ended
        int exitCode = process.waitFor();
        return new Run(exitCode, out, Files.readString(err));
    }

    private List<String> mavenCalls() throws IOException {
        return Files.readAllLines(machine.resolve("maven-calls"));
    }

    private Path jdk(String directory, String version, String java) throws IOException {
        var home = machine.resolve(directory);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/java"), java);
        script(home.resolve("bin/javac"), "");
        return home;
    }

    private static String report(int tests, int skipped, String body) {
        return """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="A" time="0.1" tests="%d" errors="0" skipped="%d" failures="0">
          <testcase name="a">%s</testcase>
        </testsuite>
        """
                .formatted(tests, skipped, body);
    }

    private void script(Path file, String body) throws IOException {
        Files.deleteIfExists(file);
        Files.writeString(file, "#!" + find("bash") + "\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path find(String tool) {
        return List.of("/usr/bin", "/bin").stream()
                .map(directory -> Path.of(directory, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + tool + " on this machine"));
    }

    /// File times may be no finer than a second: what a test writes must be newer than this.
    private static void age(Path directory) throws IOException {
        var before = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        try (var files = Files.walk(directory)) {
            for (var file : files.toList()) {
                Files.setLastModifiedTime(file, before);
            }
        }
    }
}
