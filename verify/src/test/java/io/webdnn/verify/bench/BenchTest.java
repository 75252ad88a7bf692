package io.webdnn.verify.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.cli.Main;
import io.webdnn.compiler.Program;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.verify.browser.Chromium;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The benchmark: that it works, and that its page says what it measured.
class BenchTest {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int webdnn(String... arguments) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    }

    @Test
    void oursIsMeasuredAndComparedWithTheJvm() throws IOException {
        assumeTrue(Chromium.find().isPresent(), "no Chromium on this machine");
        int status =
                webdnn(
                        "bench",
                        "--models",
                        "exercise",
                        "--backends",
                        "webassembly",
                        "--rounds",
                        "1",
                        "--no-peer",
                        "--out",
                        directory.toString());
        assertThat(err.toString()).isEmpty();
        assertThat(status).isEqualTo(0);
        var report = Report.read(directory.resolve("benchmarks.json"));
        assertThat(report.page()).isEqualTo(Files.readString(directory.resolve("benchmarks.md")));
        var row = report.rows().getFirst();
        assertThat(row.error()).isEmpty();
        assertThat(row.median()).isPositive();
        assertThat(row.first()).isGreaterThan(row.median());
        assertThat(row.bytes()).isGreaterThan(4L * 9216 * 32); // the weights at least
        assertThat(row.difference()).isLessThan(1e-5);
    }

    @Test
    void theExercisesNetworkLeavesAsOnnx() {
        var graph = Networks.graph("exercise");
        var file = directory.resolve("model.onnx");
        OnnxExporter.write(graph, file);
        var x = Networks.random(0, 3, 1, 1, 28, 28);
        assertThat(Interpreter.run(OnnxImporter.read(file).graph(), List.of(x)).getFirst().floats())
                .isEqualTo(Interpreter.run(graph, List.of(x)).getFirst().floats());
    }

    /// As it is measured: the same numbers come out of the compiled graph and, read again, of the
    /// file for the peers.
    @ParameterizedTest
    @ValueSource(strings = {"squeezenet", "mobilenetv2", "resnet50"})
    void theNetworksForPicturesLeaveAsOnnx(String name) {
        var graph = Networks.graph(name);
        var file = directory.resolve("model.onnx");
        OnnxExporter.write(graph, file);
        var x = List.of(Networks.random(0, 3, 1, 3, 224, 224));
        var expected = Program.compile(graph).run(x).getFirst();
        assertThat(expected.shape()).containsExactly(1, 1000);
        assertThat(Program.compile(OnnxImporter.read(file).graph()).run(x).getFirst().floats())
                .isEqualTo(expected.floats());
    }

    @Test
    void wrongUseIsNamed() {
        assertThat(webdnn("bench", "--models", "none")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--models: expected some of [conv3x3")
                .contains("got 'none'");
        assertThat(webdnn("bench", "--backends", "cuda")).isEqualTo(2);
        assertThat(err.toString()).contains("--backends: expected some of").contains("got 'cuda'");
        assertThat(webdnn("bench", "--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rounds: expected >= 1, got 0");
    }

    @Test
    void wantOfNpmAndItsFailureAreNamed() {
        var packages = List.of("peer@1");
        assertThatThrownBy(() -> NpmPackages.install(packages, directory, "no-such-npm"))
                .hasMessageContaining("expected npm (Node.js) on the PATH")
                .hasMessageContaining("[peer@1]");
        assertThatThrownBy(() -> NpmPackages.install(packages, directory, "false"))
                .hasMessageContaining("npm install [peer@1]: expected exit code 0, got 1");
    }

    @Test
    void aMissingNumberIsNoSmallDifference() {
        float[] expected = {1, 2};
        assertThat(BenchCommand.difference(new float[] {1, Float.NaN}, expected)).isInfinite();
        assertThat(BenchCommand.difference(new float[] {1}, expected)).isInfinite();
        assertThat(BenchCommand.difference(new float[] {1, 1}, expected)).isEqualTo(0.5);
        assertThat(BenchCommand.percentile(new double[] {3, 1, 2}, 0.5)).isEqualTo(2);
        assertThat(BenchCommand.percentile(new double[0], 0.5)).isEqualTo(0);
    }
}
