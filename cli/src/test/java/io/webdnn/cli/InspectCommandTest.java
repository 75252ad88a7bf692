package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    @Test
    void nodesParametersAndOperationsAreCounted() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 3, 10, 10));
        var w = g.constant("w", Tensor.zeros(DType.FLOAT32, 8, 3, 3, 3));
        var bias = g.constant("b", Tensor.zeros(DType.FLOAT32, 8));
        var y = g.apply(new Relu(), g.apply(Conv.of2d(1, 0), x, w, bias));
        var run = CommandLineRun.of("inspect", write(g.build(Map.of("y", y))));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        // 8 · 8² sums of 3 · 3² products, and the bias; then 8 · 8² comparisons
        assertThat(run.out())
                .contains(": 2 nodes, 224 parameters, 28.7 k FLOP")
                .contains("input   x: float32[1, 3, 10, 10]", "output  y: float32[1, 8, 8, 8]")
                .containsPattern("Conv +float32\\[1, 8, 8, 8\\] +224 +28.2 k\n")
                .containsPattern("Relu +float32\\[1, 8, 8, 8\\] +0 +512\n")
                .contains("webassembly: 1 kernel: Contraction 1")
                .contains("webgpu: 1 kernel: Contraction in registers 1");
    }

    @Test
    void theGraphIsDrawn() throws IOException {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 2, 5));
        var drawing = directory.resolve("out/graph.svg");
        var file = write(g.build(Map.of("y", g.apply(new Relu(), x))));
        assertThat(CommandLineRun.of("inspect", file, "--svg", drawing.toString()).exitCode())
                .isZero();
        assertThat(Files.readString(drawing)).startsWith("<svg ").contains(">Relu</text>");
    }

    @Test
    void operationsOfSymbolicSizesStayInTermsOfTheSymbols() {
        var g = Graph.builder();
        var rows = new Shape(List.of(Dimension.symbol("N"), Dimension.of(4)));
        var x = g.input("x", new TensorType(DType.FLOAT32, rows));
        var run = CommandLineRun.of("inspect", write(g.build(Map.of("y", g.apply(new Relu(), x)))));
        assertThat(run.out()).contains(": 1 nodes, 0 parameters, 4*N FLOP");
    }

    @Test
    void aTargetThatRefusesNamesTheNodes() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT64, 2, 5));
        var y = g.apply(new Softmax(1), g.apply(new Relu(), x));
        var run = CommandLineRun.of("inspect", write(g.build(Map.of("y", y))));
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("jvm: 1 kernel: RowReduce 1")
                .contains("webgl: refused\n")
                .contains(
                        "Softmax 'y': 'Relu': webgl: expected a dtype that the target holds, got float64[2, 5]");
    }

    @Test
    void aFileThatIsNoModelIsNamed() {
        var run = CommandLineRun.of("inspect", directory.resolve("missing.onnx").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("webdnn inspect: ").contains("missing.onnx");
    }

    private String write(Graph graph) {
        var file = directory.resolve("model.onnx");
        OnnxExporter.write(graph, file);
        return file.toString();
    }
}
