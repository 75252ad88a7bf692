package io.webdnn.verify.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.cli.Main;
import io.webdnn.tensor.file.FileException;
import io.webdnn.verify.TestData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceTest {
    @TempDir Path directory;

    private record Run(int exitCode, String output) {
        List<String> lines() {
            return output.lines().toList();
        }
    }

    private static Run run(String... arguments) {
        var output = new StringWriter();
        var writer = new PrintWriter(output);
        int exitCode = Main.run(writer, writer, arguments);
        return new Run(exitCode, output.toString());
    }

    private void copy(String name) throws IOException {
        copy(name, name);
    }

    private void copy(String name, String copy) throws IOException {
        var from = TestData.directory().resolve("onnx-suite/node").resolve(name);
        var to = Files.createDirectories(directory.resolve(copy).resolve("test_data_set_0"));
        Files.copy(from.resolve("model.onnx"), to.resolveSibling("model.onnx"));
        try (var files = Files.newDirectoryStream(from.resolve("test_data_set_0"))) {
            for (var file : files) Files.copy(file, to.resolve(file.getFileName()));
        }
    }

    /// Changes the exponent of the last float that a case expects.
    private void spoil(String name) throws IOException {
        var output = directory.resolve(name).resolve("test_data_set_0/output_0.pb");
        var bytes = Files.readAllBytes(output);
        bytes[bytes.length - 1] ^= 0x40;
        Files.write(output, bytes);
    }

    @Test
    void aReportHasALineForEachCaseAndTarget() throws IOException {
        copy("test_abs");
        copy("test_abs", "test_unknown");
        var model = directory.resolve("test_unknown/model.onnx");
        var text = Files.readString(model, StandardCharsets.ISO_8859_1);
        Files.writeString(model, text.replace("Abs", "Abz"), StandardCharsets.ISO_8859_1);
        var report = directory.resolve("out/report.tsv");
        var run =
                run(
                        "conformance",
                        directory.toString(),
                        "--target",
                        "interpreter,jvm",
                        "--report",
                        report.toString());
        assertThat(run.lines().getLast()).isEqualTo("2 passed, 0 failed, 2 skipped");
        assertThat(run.exitCode()).isZero();
        assertThat(Files.readAllLines(report))
                .containsExactly(
                        "case\ttarget\tresult\tdetail",
                        "test_abs\tinterpreter\tpass\t",
                        "test_unknown\tinterpreter\tunsupported\tAbz 'y' (model.onnx, node 0):"
                                + " unknown operator",
                        "test_abs\tjvm\tpass\t",
                        "test_unknown\tjvm\tunsupported\tAbz 'y' (model.onnx, node 0):"
                                + " unknown operator");
    }

    @Test
    void aWrongExpectedOutputFails() throws IOException {
        copy("test_abs");
        spoil("test_abs");
        var run = run("conformance", directory.toString(), "--target", "interpreter");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines().getLast()).isEqualTo("0 passed, 1 failed, 0 skipped");
        assertThat(run.lines().getFirst())
                .startsWith("fail ")
                .contains("output 0: 1 of 60 elements are wrong, the worst at 59: expected ");
    }

    @Test
    void anExcludedCaseThatPassesFails() throws IOException {
        copy("test_abs");
        copy("test_abs", "test_wrong");
        spoil("test_wrong");
        var list = directory.resolve("list.txt");
        Files.writeString(
                list,
                "# why\ninterpreter test_abs # a trial\ninterpreter test_wrong # it is wrong\n");
        var run =
                run(
                        "conformance",
                        directory.toString(),
                        "--target",
                        "interpreter",
                        "--exclusions",
                        list.toString());
        assertThat(run.output())
                .contains("test_abs  (passes, but is excluded: remove its line (a trial))");
        assertThat(run.output()).contains("test_wrong  (excluded: it is wrong)");
        assertThat(run.lines().getLast()).isEqualTo("0 passed, 1 failed, 1 skipped");
    }

    @Test
    void exclusionsHaveReasons() {
        assertThatThrownBy(() -> Exclusions.parse("list.txt", "\njvm test_abs\n"))
                .isInstanceOf(FileException.class)
                .hasMessage("list.txt: line 2: expected TARGET CASE # reason, got 'jvm test_abs'");
        assertThatThrownBy(() -> Exclusions.parse("list.txt", "jvm a # x\njvm a # y"))
                .hasMessage("list.txt: line 2: expected each case once, got 'jvm a # y'");
        assertThat(Exclusions.parse("list.txt", "jvm a # x").reason("jvm", "a")).isEqualTo("x");
        assertThat(Exclusions.ours()).isNotNull();
    }

    @Test
    void wrongUseIsTwo() {
        var missing = directory.resolve("missing").toString();
        assertThat(run("conformance", directory.toString(), "--target", "jvm,vulkan"))
                .isEqualTo(
                        new Run(
                                2,
                                "webdnn conformance: --target: expected some of [interpreter, jvm,"
                                        + " webgpu, webgl, webassembly], got vulkan\n"));
        assertThat(run("conformance", missing, "--target", "jvm").output())
                .isEqualTo("webdnn conformance: " + missing + ": cannot be read: no such file\n");
        assertThat(run("conformance", directory.toString(), "--target", "jvm").output())
                .isEqualTo(
                        "webdnn conformance: "
                                + directory
                                + ": contents: expected cases (*/model.onnx or *_output_0.pb), got none\n");
    }
}
