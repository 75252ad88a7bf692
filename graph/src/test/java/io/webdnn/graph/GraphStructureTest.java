package io.webdnn.graph;

import static io.webdnn.tensor.DType.FLOAT32;
import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphStructureTest {
    private static Graph graph(String name, int size, Op op, Tensor constant) {
        var g = Graph.builder();
        var x = g.input(name, TensorType.of(FLOAT32, size));
        var y = g.applyAll(op, name, List.of(x, g.constant(constant))).getFirst();
        return g.build(Map.of(name, g.apply(new Relu(), y)));
    }

    private static Tensor scalar(float value) {
        return Tensor.of(new float[] {value}, 1);
    }

    @Test
    void namesDoNotMatterButTypesOperatorsAndConstantsDo() {
        var structure = GraphStructure.of(graph("a", 3, new Add(), scalar(2)));
        assertThat(GraphStructure.of(graph("b", 3, new Add(), scalar(2))))
                .isEqualTo(structure)
                .hasSameHashCodeAs(structure);
        assertThat(GraphStructure.of(graph("a", 4, new Add(), scalar(2)))).isNotEqualTo(structure);
        assertThat(GraphStructure.of(graph("a", 3, new Mul(), scalar(2)))).isNotEqualTo(structure);
        assertThat(GraphStructure.of(graph("a", 3, new Add(), scalar(3)))).isNotEqualTo(structure);
    }

    @Test
    void wiringMatters() {
        var x = Value.input("x", TensorType.of(FLOAT32, 2));
        var y = Value.input("y", TensorType.of(FLOAT32, 2));
        var g = Graph.builder();
        var left = Graph.of(List.of(x, y), List.of(g.apply(new Add(), x, y)));
        var right = Graph.of(List.of(x, y), List.of(g.apply(new Add(), y, x)));
        var same = Graph.of(List.of(y, x), List.of(g.apply(new Add(), y, x)));
        assertThat(GraphStructure.of(left)).isNotEqualTo(GraphStructure.of(right));
        assertThat(GraphStructure.of(left)).isEqualTo(GraphStructure.of(same));
    }

    @Test
    void largeConstantsAreEqualOnlyIfTheyAreTheSame() {
        var one = Tensor.zeros(FLOAT32, 1000);
        var other = Tensor.zeros(FLOAT32, 1000);
        var structure = GraphStructure.of(graph("x", 1000, new Add(), one));
        assertThat(GraphStructure.of(graph("x", 1000, new Add(), one))).isEqualTo(structure);
        assertThat(GraphStructure.of(graph("x", 1000, new Add(), other))).isNotEqualTo(structure);
    }

    @Test
    void aSmallConstantThatChangesLaterDoesNotChangeTheKey() {
        var constant = scalar(2);
        var structure = GraphStructure.of(graph("x", 3, new Add(), constant));
        constant.floats()[0] = 5;
        assertThat(GraphStructure.of(graph("x", 3, new Add(), scalar(2)))).isEqualTo(structure);
    }

    @Test
    void deepGraphsAreFine() {
        var x = Value.input("x", TensorType.of(FLOAT32, 2));
        var first = x;
        var second = x;
        var g = Graph.builder();
        for (int i = 0; i < 20_000; i++) {
            first = g.apply(new Neg(), first);
            second = g.apply(new Neg(), second);
        }
        var structure = GraphStructure.of(Graph.of(List.of(x), List.of(first)));
        assertThat(structure).isEqualTo(GraphStructure.of(Graph.of(List.of(x), List.of(second))));
        assertThat(GraphText.of(Graph.of(List.of(x), List.of(first)))).hasLineCount(20_002);
    }

    @Test
    void drawingNamesEverything() {
        var dot = GraphViz.of(graph("x", 3, new Add(), scalar(2)));
        assertThat(dot)
                .startsWith("digraph {")
                .contains("[label=\"Add\\nx\", shape=box]")
                .contains("[label=\"float32[3]\"]")
                .endsWith("}\n");
    }
}
