package io.webdnn.compiler.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Weights of few values, and how they are stored.
class QuantizeWeightsTest {
    private static Tensor normal(int... shape) {
        var random = new Random(7);
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.floats()[i] = (float) random.nextGaussian();
        return tensor;
    }

    private static Graph product(Tensor weight, Tensor bias) {
        var g = Graph.builder();
        var x = g.input("x", new TensorType(DType.FLOAT32, Shape.of(2, weight.shape()[0])));
        var shared = Value.constant("w", weight);
        var y = g.apply(new Add(), g.apply(new MatMul(), x, shared), Value.constant("b", bias));
        var again = g.apply(new MatMul(), x, shared);
        return g.build(Map.of("y", g.apply(new Add(), y, again)));
    }

    private static List<Tensor> constants(Graph graph) {
        return graph.nodes().stream()
                .flatMap(node -> node.inputs().stream())
                .map(Value::constant)
                .filter(c -> c != null)
                .distinct()
                .toList();
    }

    private static double error(Tensor a, Tensor b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) sum += Math.pow(a.floats()[i] - b.floats()[i], 2);
        return Math.sqrt(sum / a.size());
    }

    @Test
    void largeWeightsHaveFewValuesAndOthersStay() {
        var weight = normal(200, 300);
        var bias = normal(300);
        var constants = constants(new QuantizeWeights().apply(product(weight, bias)));
        assertThat(constants).hasSize(2).contains(bias); // the weight that is read twice is one
        var rounded = constants.stream().filter(c -> c.rank() == 2).findFirst().orElseThrow();
        var values = new TreeSet<Float>();
        for (float value : rounded.floats()) values.add(value);
        assertThat(values.size()).isLessThanOrEqualTo(255);
        // 256 equal steps over the range would leave √(range² / 12) / 256 ≈ 0.0101
        assertThat(error(weight, rounded)).isLessThan(0.008);
    }

    @Test
    void smallWeightsStay() {
        var weight = normal(10, 10);
        var bias = normal(10);
        assertThat(constants(new QuantizeWeights().apply(product(weight, bias))))
                .containsExactlyInAnyOrder(weight, bias);
    }
}
