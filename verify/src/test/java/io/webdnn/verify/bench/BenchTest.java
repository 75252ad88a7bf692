package io.webdnn.verify.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.cli.Main;
import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Program;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.browser.Chromium;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

    /// What continuous integration runs of the benchmark.
    @Test
    void theShortFormAgreesWithTheJvmEverywhere() throws IOException {
        assumeTrue(Chromium.find().isPresent(), "no Chromium on this machine");
        int status = webdnn("bench", "--short", "--out", directory.toString());
        assertThat(err.toString()).isEmpty();
        assertThat(status).as(out.toString()).isEqualTo(0);
        assertThat(out.toString())
                .contains("--short: skipped the peers, the networks but [exercise]")
                .contains("round 1, 6 of 6: exercise jvm-2 webdnn: ")
                .contains("WebGPU\n| a run, ms | ours |");
        var report = Report.read(directory.resolve(Report.JSON));
        assertThat(report.settings()).containsExactly(Setting.values());
        for (var row : report.rows()) {
            assertThat(row.error()).isEmpty();
            assertThat(row.runs()).isGreaterThanOrEqualTo(3);
            assertThat(row.median()).isPositive();
            assertThat(row.cold()).isGreaterThan(row.median());
            assertThat(row.difference()).isLessThan(1e-5);
            if (Files.exists(Path.of("/proc/self/status")))
                assertThat(row.memory()).isGreaterThan(20);
            if (row.setting().backend() == null) continue;
            assertThat(row.warm()).isGreaterThan(row.median());
            assertThat(row.bytes()).isGreaterThan(4L * 9216 * 32); // the weights at least
        }
        assertThat(webdnn("bench", "--short", "--backends", "jvm-2", "--out", directory.toString()))
                .isEqualTo(0);
        assertThat(Report.read(directory.resolve(Report.JSON)).rows())
                .hasSize(6)
                .containsAll(report.rows().subList(0, 5));
    }

    @Test
    void kernelsAreTimedInAPage() {
        assumeTrue(Chromium.find().isPresent(), "no Chromium on this machine");
        int status =
                webdnn("bench", "--kernels", "--models", "exercise", "--backends", "webassembly");
        assertThat(err.toString()).isEmpty();
        assertThat(status).as(out.toString()).isEqualTo(0);
        assertThat(out.toString())
                .startsWith("exercise webassembly:\n")
                .containsPattern("\n\\d dispatches, 0\\.\\d+ ms; at best \\d+\\.\\d GFLOP/s")
                .containsPattern(
                        "\n\\| Flatten.* \\| 0\\.59 \\| "); // MFLOP: 9216 × 32 products and sums
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void theOperationsOfAProductAreCounted(Backend backend) {
        var costs = KernelCost.of(Networks.graph("gemm"), backend);
        double flop = costs.stream().mapToDouble(KernelCost::flop).sum();
        assertThat(flop / (2.0 * 512 * 512 * 512)).isBetween(1.0, 1.1);
        double bytes = costs.stream().mapToDouble(KernelCost::bytes).sum();
        assertThat(bytes / (4.0 * 3 * 512 * 512)).isBetween(1.0, 2.0);
    }

    @Test
    void aKernelIsComparedWithWhatTheMachineDoes() {
        var computes = new KernelCost("a", "T", 4e6, 10);
        var moves = new KernelCost("b", "T", 10, 2e6);
        var table = new KernelTable(2, 4, List.of(computes, moves), List.of(8.0, 1.0));
        assertThat(table.share(0)).isEqualTo(0.25);
        assertThat(table.share(1)).isEqualTo(0.5);
        assertThat(table.lines().get(3))
                .isEqualTo("| a | T | 8.000 | 89 % | 4.00 | 0.00 | 400000.0 | 0.50 | 25 % |");
        assertThatThrownBy(() -> new KernelTable(2, 4, List.of(computes), List.of()))
                .hasMessage("kernels: expected times of 1, got 0");
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
    void aMissingNumberIsNoSmallDifference() {
        float[] expected = {1, 2};
        assertThat(Sample.difference(new float[] {1, Float.NaN}, expected)).isInfinite();
        assertThat(Sample.difference(new float[] {1}, expected)).isInfinite();
        assertThat(Sample.difference(new float[] {1, 1}, expected)).isEqualTo(0.5);
        assertThat(Sample.percentile(Stream.of(3.0, 1.0, 2.0), 0.5)).isEqualTo(2);
        assertThat(Sample.percentile(Stream.of(), 0.5)).isEqualTo(0);
    }

    private static Sample sample(double time, float... output) {
        return new Sample(
                10, 5, 1000, 100, 50, 20, List.of(time), Tensor.of(output, output.length));
    }

    @Test
    void aCellKeepsWhatItSawBeforeItFailed() {
        var cell = new Cell("gemm", Setting.WEBGPU, Competitor.WEBDNN);
        assertThat(cell.isSeen()).isFalse();
        cell.add(sample(3, 1, 2), new float[] {1, 2}, 4);
        assertThat(cell.isOpen(5)).isTrue();
        assertThat(cell.isOpen(4)).as("its time is over").isFalse();
        cell.fail("the page\n is gone");
        assertThat(cell.isOpen(5)).isFalse();
        assertThat(cell)
                .hasToString(
                        "gemm webgpu webdnn: 3.00 ms, 10 ms to the first result: the page is gone");
        var row = cell.row(16);
        assertThat(row.isMeasured()).isTrue();
        assertThat(row.median()).isEqualTo(3);
        assertThat(row.noise()).isEqualTo(1.25);
    }

    @Test
    void aCellWithoutFiguresOrWithWrongOnesSaysWhy() {
        var gone = new Cell("gemm", Setting.WEBGPU, Competitor.WEBDNN);
        gone.fail("gone");
        assertThat(gone.isSeen()).isTrue();
        assertThat(gone.row(1).error()).isEqualTo("gone");
        var wrong = new Cell("gemm", Setting.WEBGPU, Competitor.WEBDNN);
        wrong.add(sample(3, 1, 2), new float[] {1, 4}, 1);
        assertThat(wrong.row(1).error()).isEqualTo("wrong output: it differs by 0.5");
    }

    @Test
    void withoutNodeSizesInBrotliAreNotKnown() throws IOException, InterruptedException {
        assertThat(new Brotli("no-such-node").size(Map.of("a", new byte[] {1, 2}))).isZero();
    }
}
