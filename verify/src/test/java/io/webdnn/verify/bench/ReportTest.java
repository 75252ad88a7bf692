package io.webdnn.verify.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The benchmark's page and chart are made from its JSON and nothing else.
class ReportTest {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    private static Row row(String network, Setting setting, Competitor competitor, double median) {
        return new Row(
                network,
                setting,
                competitor,
                "",
                "2026-01-02",
                10 * median,
                5 * median,
                median,
                0.9 * median,
                1.25 * median,
                15,
                1_234_567,
                45_678,
                89.5,
                2.5e-7,
                1.125);
    }

    private static Row failure(String network, Setting setting, Competitor competitor) {
        return new Row(
                network,
                setting,
                competitor,
                "out of memory",
                "2026-01-03",
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                1);
    }

    private static Report madeUp() {
        var facts = new LinkedHashMap<String, String>();
        facts.put("machine", "made up");
        facts.put("browser", "none");
        return new Report(
                facts,
                List.of(
                        row("resnet50", Setting.WEBASSEMBLY, Competitor.WEBDNN, 120.126),
                        failure("resnet50", Setting.WEBASSEMBLY, Competitor.ONNXRUNTIME),
                        row("gemm", Setting.WEBGPU, Competitor.WEBDNN, 9),
                        row("gemm", Setting.WEBGPU, Competitor.ONNXRUNTIME, 3),
                        row("gemm", Setting.WEBASSEMBLY, Competitor.ONNXRUNTIME, 8),
                        row("gemm", Setting.WEBASSEMBLY, Competitor.WEBDNN, 4)));
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        madeUp().write(directory);
        var read = Report.read(directory.resolve(Report.JSON));
        assertThat(read).isEqualTo(madeUp());
        assertThat(read.json()).isEqualTo(madeUp().json());
    }

    @Test
    void thePageSaysWhatWasMeasured() {
        assertThat(new ReportPage(madeUp()).text())
                .contains(
                        """
                        - date: from 2026-01-02 to 2026-01-03
                        - machine: made up
                        - browser: none
                        - noise: 1.13

                        ![Our time over ONNX Runtime's](benchmarks.svg)

                        ## WebAssembly, 1 thread

                        | a run, ms | ours | ONNX Runtime | ratio |
                        |---|---|---|---|
                        | GEMM 512³ | 4.00 (3.60–5.00) | 8.00 (7.20–10.00) | 0.50 |
                        | ResNet-50 | 120 (108–150) | – | – |

                        | first result | ours | ONNX Runtime | ratio |
                        |---|---|---|---|
                        | GEMM 512³ | 40 ms; again 20 ms; 1.23 MB; code 45.7 KB; 90 MiB; 3e-07 | \
                        80 ms; again 40 ms; 1.23 MB; code 45.7 KB; 90 MiB; 3e-07 | 0.50 |
                        """)
                .contains("\n- ResNet-50, ONNX Runtime: out of memory\n\n## WebGPU\n")
                .endsWith(" | 3.00 |\n");
    }

    /// A bar for each ratio, and a square for each setting in the legend.
    @Test
    void theChartHasABarForEachRatio() {
        var text = new ReportChart(madeUp()).text();
        assertThat(text.lines().filter(line -> line.matches("<rect( [a-z]+=\"[^\"<]*\")+/>")))
                .hasSize(4);
        assertThat(text)
                .contains(">0.50</text>", ">3.00</text>", ">GEMM 512³</text>")
                .doesNotContain("ResNet");
    }

    @Test
    void aRatioNeedsBothFigures() {
        var report = madeUp();
        assertThat(ratio(report, "gemm", Setting.WEBASSEMBLY)).isEqualTo(0.5);
        assertThat(ratio(report, "resnet50", Setting.WEBASSEMBLY)).isNaN();
        assertThat(ratio(report, "resnet50", Setting.WEBGPU)).isNaN();
    }

    private static double ratio(Report report, String network, Setting setting) {
        return report.ratio(network, setting, Competitor.ONNXRUNTIME, Row::median)
                .orElse(Double.NaN);
    }

    @Test
    void aNewRowTakesThePlaceOfTheOldOneOnly() {
        var newer = row("gemm", Setting.WEBGPU, Competitor.WEBDNN, 1);
        var report = madeUp().with(newer);
        assertThat(report.rows()).hasSize(6).contains(newer);
        assertThat(ratio(report, "gemm", Setting.WEBGPU)).isEqualTo(1 / 3.0);
        assertThat(ratio(report, "gemm", Setting.WEBASSEMBLY)).isEqualTo(0.5);
    }

    @Test
    void whatIsNoReportIsNamed() throws IOException {
        var file = directory.resolve(Report.JSON);
        var json = new String(madeUp().json(), UTF_8);
        Files.writeString(file, json.replace("\"warm\"", "\"hot\""));
        assertThatThrownBy(() -> Report.read(file))
                .hasMessageContaining(file + ": row: expected a field \"warm\", got [network,");
        Files.writeString(file, json.replace("\"webgpu\"", "\"cuda\""));
        assertThatThrownBy(() -> Report.read(file))
                .hasMessageContaining("backend: expected one of [webassembly,")
                .hasMessageContaining("got 'cuda'");
    }

    @Test
    void theCommandMakesPageAndChartAgain() throws IOException {
        Files.write(directory.resolve(Report.JSON), madeUp().json());
        assertThat(webdnn("bench", "--again", "--out", directory.toString())).isEmpty();
        assertIsMadeFromItsFigures(directory);
    }

    @Test
    void figuresOfOtherMachinesAreNotMixed() throws IOException {
        Files.write(directory.resolve(Report.JSON), madeUp().json());
        assertThat(webdnn("bench", "--no-peer", "--out", directory.toString()))
                .contains("--out: " + directory.resolve(Report.JSON) + ": expected figures with")
                .contains("machine '")
                .contains("got 'made up': name another directory");
    }

    /// {@return what it says on standard error}
    private static String webdnn(String... arguments) {
        var err = new StringWriter();
        Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), arguments);
        return err.toString();
    }

    /// Nobody writes figures by hand, or a page that says something else than its figures.
    @Test
    void theCommittedPageIsThatOfTheCommittedFigures() throws IOException {
        var docs = Path.of("../docs");
        assumeTrue(
                Files.exists(docs.resolve(Report.JSON)), "docs/benchmarks.json is not there yet");
        assertIsMadeFromItsFigures(docs);
    }

    private static void assertIsMadeFromItsFigures(Path directory) throws IOException {
        var json = directory.resolve(Report.JSON);
        var report = Report.read(json);
        assertThat(Files.readAllBytes(json)).isEqualTo(report.json());
        assertThat(directory.resolve(Report.PAGE))
                .content(UTF_8)
                .isEqualTo(new ReportPage(report).text());
        assertThat(directory.resolve(Report.CHART))
                .content(UTF_8)
                .isEqualTo(new ReportChart(report).text());
    }
}
