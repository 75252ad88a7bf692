package io.webdnn.graph.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    private static final Dimension N = Dimension.symbol("N");

    private static float[] random(int n) {
        var random = new Random(n);
        var values = new float[n];
        for (int i = 0; i < n; i++) values[i] = random.nextFloat() * 2 - 1;
        return values;
    }

    @Test
    void convolutionAgreesWithPlainLoops() {
        var window = new Window(2, 1, 1, 0);
        var x = random(2 * 4 * 7 * 6);
        var w = random(6 * 2 * 3 * 2);
        var b = random(6);
        var g = Graph.builder();
        var input = g.input("x", TensorType.of(DType.FLOAT32, 2, 4, 7, 6));
        var y =
                g.apply(
                        new Conv(List.of(window, Window.PLAIN), 2),
                        input,
                        g.constant(Tensor.of(w, 6, 2, 3, 2)),
                        g.constant(Tensor.of(b, 6)));
        var graph = g.build(Map.of("y", y));
        var result =
                Interpreter.run(graph, List.of(Tensor.of(x, 2, 4, 7, 6)), Bounds.CHECKED)
                        .getFirst();
        assertThat(result.shape()).containsExactly(2, 6, 3, 5);
        for (int n = 0; n < 2; n++) {
            for (int m = 0; m < 6; m++) {
                for (int i = 0; i < 3; i++) {
                    for (int j = 0; j < 5; j++) {
                        double sum = b[m];
                        for (int c = 0; c < 2; c++) {
                            for (int p = 0; p < 3; p++) {
                                for (int q = 0; q < 2; q++) {
                                    int row = i * 2 + p - 1;
                                    if (row < 0 || row > 6) continue;
                                    int channel = m / 3 * 2 + c;
                                    sum +=
                                            (double) x[((n * 4 + channel) * 7 + row) * 6 + j + q]
                                                    * w[((m * 2 + c) * 3 + p) * 2 + q];
                                }
                            }
                        }
                        assertThat(result.getDouble(((n * 6 + m) * 3 + i) * 5 + j))
                                .isCloseTo(sum, within(1e-6));
                    }
                }
            }
        }
    }

    @Test
    void symbolsComeFromTheInputs() {
        var g = Graph.builder();
        var x = g.input("x", new TensorType(DType.FLOAT32, new Shape(List.of(N, Dimension.of(2)))));
        var flat = g.apply(new Reshape(), x, g.vector(-1));
        var graph = g.build(Map.of("y", g.apply(new Softmax(0), flat)));
        assertThat(graph.outputs().getFirst().type().shape()).hasToString("[2*N]");
        var y = Interpreter.run(graph, List.of(Tensor.of(new float[6], 3, 2))).getFirst();
        assertThat(y.floats()).containsOnly(1 / 6f).hasSize(6);
    }

    @Test
    void inputsThatContradictEachOtherAreRejected() {
        var g = Graph.builder();
        var type = new TensorType(DType.FLOAT32, Shape.of(N));
        var graph =
                g.build(Map.of("y", g.apply(new Add(), g.input("a", type), g.input("b", type))));
        var three = Tensor.of(new float[3], 3);
        var four = Tensor.of(new float[4], 4);
        assertThatThrownBy(() -> Interpreter.run(graph, List.of(three, four)))
                .isInstanceOf(GraphException.class)
                .hasMessage("Graph: input 'b': expected shape [N] with [N = 3], got [4]");
        assertThatThrownBy(() -> Interpreter.run(graph, List.of(three)))
                .hasMessage("Graph: inputs: expected 2, got 1");
        var doubles = Tensor.of(new double[3], 3);
        assertThatThrownBy(() -> Interpreter.run(graph, List.of(three, doubles)))
                .hasMessage("Graph: input 'b': expected float32[N], got float64[3]");
    }

    @Test
    void compositionsRunAsGraphs() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 2, 2, 2));
        var graph = g.build(Map.of("y", g.apply(new GlobalAveragePool(), x)));
        var values = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 9}, 1, 2, 2, 2);
        var y = Interpreter.run(graph, List.of(values)).getFirst();
        assertThat(y.shape()).containsExactly(1, 2, 1, 1);
        assertThat(y.floats()).containsExactly(2.5f, 6.75f);
    }

    @Test
    void constantsAndInputsMayBeOutputs() {
        var x = Value.input("x", TensorType.of(DType.FLOAT32, 1));
        var c = Value.constant("c", Tensor.of(new int[] {7}, 1));
        var given = Tensor.of(new float[] {3}, 1);
        assertThat(Interpreter.run(Graph.of(List.of(x), List.of(c, x, x)), List.of(given)))
                .extracting(t -> t.getDouble(0))
                .containsExactly(7.0, 3.0, 3.0);
    }
}
