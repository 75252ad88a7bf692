package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertCommandTest {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    /// float16 is added up as such only where it is asked for, and never instead of float32.
    @ParameterizedTest
    @CsvSource({"FLOAT16, true, true", "FLOAT16, false, false", "FLOAT32, true, false"})
    void productsOfFloat16(DType dtype, boolean isAsked, boolean isHalf) throws IOException {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(dtype, 1, 8, 10, 10));
        var ones = Tensor.zeros(dtype, 8, 8, 3, 3);
        for (int i = 0; i < ones.size(); i++) ones.setDouble(i, 1);
        var w = g.constant("w", ones);
        var model = directory.resolve("model.onnx");
        OnnxExporter.write(g.build(Map.of("y", g.apply(Conv.of2d(1, 0), x, w))), model);
        var out = directory.resolve("out");
        var options = List.of("convert", model + "", "--backend", "webgpu", "--out", out + "");
        var all = new ArrayList<>(options);
        if (isAsked) all.add("--float16-arithmetic");
        var run = CommandLineRun.of(all.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        var plan = Files.readString(out.resolve("graph_webgpu.json"));
        assertThat(plan.contains("=vec4<half>(0.)")).isEqualTo(isHalf);
        assertThat(plan.contains("\"absolute\":1.0E-4")).isEqualTo(!isHalf);
    }
}
