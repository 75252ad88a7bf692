package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.GraphText;
import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gelu;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.Philox;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the exporter writes, the importer reads as the same network.
class OnnxExporterTest {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    private int streams;

    private Tensor random(int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        int stream = streams++;
        for (int i = 0; i < tensor.size(); i++) {
            int[] words = {i / 4, 0, 0, 0};
            Philox.block(1, stream, words);
            tensor.floats()[i] = Philox.uniform(words[i % 4]);
        }
        return tensor;
    }

    private Value weights(int... shape) {
        return Value.constant("w", random(shape)); // all of the same name
    }

    private void roundTrip(Graph graph, int batch, Tensor... inputs) {
        var file = directory.resolve("model.onnx");
        OnnxExporter.write(graph, file);
        var again = OnnxImporter.read(file).graph();
        assertThat(again.outputNames()).isEqualTo(graph.outputNames());
        assertThat(again.inputs().stream().map(Value::name).toList())
                .isEqualTo(graph.inputs().stream().map(Value::name).toList());
        assertThat(again.inputs().stream().map(Value::type).toList())
                .isEqualTo(graph.inputs().stream().map(Value::type).toList());
        var expected = Interpreter.run(graph, List.of(inputs));
        var actual = Interpreter.run(again, List.of(inputs));
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).shape()).isEqualTo(expected.get(i).shape());
            assertThat(actual.get(i).shape()[0]).isEqualTo(batch);
            assertThat(actual.get(i).floats()).isEqualTo(expected.get(i).floats());
        }
    }

    @Test
    void aConvolutionalNetworkComesBackTheSame() {
        var builder = Graph.builder();
        var n = Dimension.symbol("N");
        var shape = Shape.of(n, Dimension.of(4), Dimension.of(9), Dimension.of(11));
        var x = builder.input("x", new TensorType(DType.FLOAT32, shape));
        var y =
                builder.apply(
                        new Conv(List.of(new Window(2, 1, 1, 0), new Window(1, 2, 2, 3)), 2),
                        x,
                        weights(6, 2, 3, 3),
                        weights(6));
        y = builder.apply(new Relu(), y);
        y =
                builder.apply(
                        new BatchNormalization(1e-3f),
                        y,
                        weights(6),
                        weights(6),
                        weights(6),
                        weights(6));
        var window = new Window(2, 1, 1, 1);
        var largest =
                builder.apply(
                        new MaxPool(List.of(3, 3), List.of(window, window), true, false, false), y);
        var mean =
                builder.apply(
                        new AveragePool(List.of(3, 3), List.of(window, window), true, true), y);
        y = builder.apply(new Concat(1), largest, mean);
        y = builder.apply(new Transpose(List.of(0, 2, 3, 1)), y);
        y = builder.apply(new Mul(), y, weights(12));
        var means =
                builder.apply(
                        new ReduceMean(false),
                        y,
                        builder.constant(Tensor.of(new long[] {1, -2}, 2)));
        y =
                builder.apply(
                        new Clip(),
                        means,
                        builder.constant(Tensor.scalar(DType.FLOAT32, 0.25)),
                        builder.absent());
        y = builder.apply(new Gemm(0.5f, 2, false, true), y, weights(5, 12), weights(5));
        var scores = builder.apply(new Softmax(1), y);
        var product =
                builder.apply(
                        new MatMul(),
                        builder.apply(new Flatten(1), builder.apply(new GlobalAveragePool(), x)),
                        weights(4, 6));
        var reshaped =
                builder.apply(
                        new Reshape(),
                        product,
                        builder.constant(Tensor.of(new long[] {0, 2, 3}, 3)));
        var outputs = new LinkedHashMap<String, Value>();
        outputs.put("scores", scores);
        outputs.put("reshaped", reshaped);
        outputs.put("scores again", scores);
        outputs.put("the input", x);
        roundTrip(builder.build(outputs), 3, random(3, 4, 9, 11));
    }

    @Test
    void valuesOfTheSameNameStayApart() {
        var builder = Graph.builder();
        var x = builder.input("w", new TensorType(DType.FLOAT32, Shape.of(2, 3)));
        var y = builder.apply(new Add(), x, weights(3));
        var graph = builder.build(Map.of("w_1", builder.apply(new Add(), y, weights(2, 3))));
        roundTrip(graph, 2, random(2, 3));
        assertThat(OnnxExporter.bytes(graph)).isEqualTo(OnnxExporter.bytes(graph));
        assertThat(GraphText.of(graph)).isNotEmpty();
    }

    @Test
    void anOperatorThatIsNotWrittenIsNamedWithItsNode() {
        var builder = Graph.builder();
        var x = builder.input("x", new TensorType(DType.FLOAT32, Shape.of(2)));
        var y = builder.applyAll(new Gelu(false), "third", List.of(x)).getFirst();
        assertThatThrownBy(() -> OnnxExporter.bytes(builder.build(Map.of("y", y))))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "ONNX export: Gelu 'third': operator: expected one of convolutional"
                                + " networks, got Gelu");
    }

    @Test
    void whatOpset17CannotSayIsRejected() {
        var builder = Graph.builder();
        var x = builder.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 1, 8)));
        var dilated =
                builder.apply(
                        new AveragePool(List.of(2), List.of(new Window(1, 2, 0, 0)), false, false),
                        x);
        assertThatThrownBy(() -> OnnxExporter.bytes(builder.build(Map.of("y", dilated))))
                .hasMessageContaining("AveragePool")
                .hasMessageContaining("expected 1, as opset 17 has it");
        var noAxes = builder.apply(new ReduceMean(true, true), x);
        assertThatThrownBy(() -> OnnxExporter.bytes(builder.build(Map.of("y", noAxes))))
                .hasMessageContaining("axes")
                .hasMessageContaining("expected some, as opset 17 has no other form, got none");
    }
}
