package io.webdnn.compiler.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.lower.Kept;
import io.webdnn.compiler.lower.Lower;
import io.webdnn.compiler.lower.Lowered;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which stages become one.
class FuseTest {
    /// A concatenation loads its first input at its own index: within that input only.
    private static Graph concatenatedConvolutions() {
        var g = Graph.builder();
        var x = g.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 16, 20, 20)));
        return g.build(
                Map.of("y", g.apply(new Concat(1), convolution(g, x, 4), convolution(g, x, 3))));
    }

    private static Value convolution(Graph.Builder g, Value x, int channels) {
        var weights = Tensor.zeros(DType.FLOAT32, channels, 16, 3, 3);
        return g.apply(new Relu(), g.apply(Conv.of2d(1, 1), x, g.constant("w", weights)));
    }

    private static List<String> origins(Graph graph, boolean sharesRows) {
        return Fuse.fuse(Lower.lower(graph), sharesRows, 8, Kept.NOTHING).operations().stream()
                .map(Lowered.Operation::origin)
                .toList();
    }

    @Test
    void aConcatenationIsNoEpilogueOfItsFirstInput() {
        assertThat(origins(concatenatedConvolutions(), true))
                .hasSize(3)
                .last()
                .asString()
                .startsWith("Concat");
    }

    @Test
    void aConcatenationIsNoRowOfItsFirstInput() {
        var g = Graph.builder();
        var x = g.input("x", new TensorType(DType.FLOAT32, Shape.of(4, 30)));
        var greatest = g.apply(new ReduceMax(true), x, g.vector(1));
        assertThat(origins(g.build(Map.of("y", g.apply(new Concat(1), greatest, x))), true))
                .hasSize(2);
    }
}
