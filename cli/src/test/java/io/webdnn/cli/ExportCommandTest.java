package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    @Test
    void aModelIsWrittenWithTheShapesThatWereGiven() {
        var g = Graph.builder();
        var rows = new Shape(List.of(Dimension.symbol("N"), Dimension.of(2)));
        var x = g.input("x", new TensorType(DType.FLOAT32, rows));
        var w = g.constant("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
        var model = directory.resolve("model.onnx");
        OnnxExporter.write(g.build(Map.of("y", g.apply(new MatMul(), x, w))), model);
        var out = directory.resolve("out.onnx");
        var run =
                CommandLineRun.of(
                        "export", model.toString(), "--input-shape", "(3,2)", "--out", "" + out);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().strip()).isEqualTo(out.toString());
        var graph = OnnxImporter.read(out).graph();
        assertThat(graph.inputs().getFirst().type().shape()).isEqualTo(Shape.of(3, 2));
        var ones = Tensor.of(new float[] {1, 1, 0, 1, 1, 0}, 3, 2);
        assertThat(Interpreter.run(graph, List.of(ones)).getFirst().floats())
                .containsExactly(4, 6, 3, 4, 1, 2);
    }

    @Test
    void aFileThatIsNoModelIsNamed() {
        var file = directory.resolve("missing.onnx").toString();
        var run = CommandLineRun.of("export", file, "--out", directory.resolve("y").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("webdnn export: ").contains("missing.onnx");
    }

    @Test
    void whereToWriteMustBeSaid() {
        var run = CommandLineRun.of("export", "model.onnx");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--out=FILE.onnx");
    }
}
