package io.webdnn.compiler.lower;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlopTest {
    private static final Dimension N = Dimension.symbol("N");

    @Test
    void aProductHasTwoOperationsPerTermOfItsSums() {
        assertThat(flop(new MatMul(), shape(N, 5), shape(5, 7))).isEqualTo(N.times(2 * 5 * 7));
    }

    @Test
    void functionsAreOneOperationEach() {
        assertThat(flop(new Relu(), shape(N, 3))).isEqualTo(N.times(3));
        assertThat(flop(new Sigmoid(), shape(4)).value()).isBetween(4L * 3, 4L * 8);
    }

    @Test
    void whatOnlyMovesElementsHasNone() {
        assertThat(flop(Transpose.of(1, 0), shape(2, 3))).isEqualTo(Dimension.of(0));
        assertThat(flop(new Concat(0), shape(2, 3), shape(4, 3))).isEqualTo(Dimension.of(0));
    }

    private static Dimension flop(Op op, Shape... shapes) {
        var g = Graph.builder();
        var inputs = new ArrayList<Value>();
        for (var shape : shapes)
            inputs.add(g.input("x" + inputs.size(), new TensorType(DType.FLOAT32, shape)));
        return Flop.of(g.build(Map.of("y", g.applyAll(op, inputs).getFirst())));
    }

    private static Shape shape(Object... extents) {
        return new Shape(
                List.of(extents).stream()
                        .map(e -> e instanceof Dimension d ? d : Dimension.of((Integer) e))
                        .toList());
    }
}
