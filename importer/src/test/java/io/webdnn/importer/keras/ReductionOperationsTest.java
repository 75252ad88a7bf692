package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationModels.NUMPY;
import static io.webdnn.importer.keras.OperationModels.X;
import static io.webdnn.importer.keras.OperationModels.assertGives;
import static io.webdnn.importer.keras.OperationModels.ops;
import static io.webdnn.importer.keras.OperationModels.random;
import static io.webdnn.importer.keras.OperationModels.shape;
import static io.webdnn.importer.keras.OperationModels.tf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Functions over axes, in models of Keras 2 with TensorFlow and of Keras 3, against the formulas
/// of their documentation in plain loops.
final class ReductionOperationsTest {
    /// Reductions of `[2, 3, 4]` over axis 1 or −2.
    private static void assertReduced(
            String ofTensorFlow, String ofKeras, ToDoubleFunction<double[]> f) {
        var x = random(5, 2, 3, 4);
        for (var model :
                List.of(
                        tf(ofTensorFlow, "'axis': -2, 'keepdims': true, 'name': null", "3, 4"),
                        ops(ofKeras, "'axis': 1, 'keepdims': true", X, "3, 4")))
            assertGives(
                    model.run(x),
                    shape(2, 1, 4),
                    i -> {
                        var column = new double[3];
                        for (int k = 0; k < 3; k++)
                            column[k] = x.getDouble(i / 4 * 12 + k * 4 + i % 4);
                        return f.applyAsDouble(column);
                    });
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / values.length;
    }

    @Test
    void reductions() {
        assertReduced("math.reduce_mean", NUMPY + "Mean", ReductionOperationsTest::mean);
        assertReduced("math.reduce_sum", NUMPY + "Sum", v -> Arrays.stream(v).sum());
        assertReduced("math.reduce_max", NUMPY + "Max", v -> Arrays.stream(v).max().orElseThrow());
        assertReduced("math.reduce_min", NUMPY + "Min", v -> Arrays.stream(v).min().orElseThrow());
        assertReduced("math.reduce_prod", NUMPY + "Prod", v -> v[0] * v[1] * v[2]);
        assertReduced("math.reduce_variance", NUMPY + "Var", ReductionOperationsTest::variance);
        assertReduced("math.reduce_std", NUMPY + "Std", v -> Math.sqrt(variance(v)));
        assertReduced(
                "math.reduce_logsumexp",
                "keras.src.ops.math:Logsumexp",
                v -> Math.log(Arrays.stream(v).map(Math::exp).sum()));
        assertReduced(
                "norm",
                "keras.src.ops.linalg:Norm",
                v -> Math.sqrt(Arrays.stream(v).map(e -> e * e).sum()));
        assertReduced("math.reduce_any", NUMPY + "Any", _ -> 1);
        assertReduced("math.reduce_all", NUMPY + "All", _ -> 1);
    }

    @Test
    void reductionsOverAllAndOverSeveral() {
        var x = random(6, 2, 3, 4);
        for (var model :
                List.of(
                        tf("math.reduce_mean", "'axis': [1, 2]", "3, 4"),
                        ops(NUMPY + "Mean", "'axis': [1, -1], 'keepdims': false", X, "3, 4")))
            assertGives(
                    model.run(x),
                    shape(2),
                    i -> {
                        double sum = 0;
                        for (int k = 0; k < 12; k++) sum += x.getDouble(i * 12 + k);
                        return sum / 12;
                    });
        double sum = 0;
        for (int i = 0; i < 24; i++) sum += x.getDouble(i);
        var all = ops(NUMPY + "Sum", "'axis': null, 'keepdims': false", X, "3, 4").run(x);
        assertEquals(sum, all.getDouble(0), 1e-5);
    }

    @Test
    void placesOfExtremes() {
        var x = Tensor.of(new float[] {1, 5, 2, 7, 0, 3}, 2, 3);
        for (var model :
                List.of(
                        tf("math.argmax", "'axis': -1, 'output_type': 'int64'", "3"),
                        ops(NUMPY + "Argmax", "'axis': 1, 'keepdims': false", X, "3")))
            assertGives(model.run(x), shape(2), i -> i == 0 ? 1 : 0);
        // without an axis TensorFlow takes the first, Keras 3 all
        assertGives(tf("math.argmin", "", "3").run(x), shape(3), i -> i == 1 ? 1 : 0);
        assertEquals(3, ops(NUMPY + "Argmax", "'axis': null", X, "3").run(x).getLong(0));
        assertGives(
                tf("math.cumsum", "'axis': 1", "3").run(x),
                shape(2, 3),
                i -> new double[] {1, 6, 8, 7, 7, 10}[i]);
        var both =
                Interpreter.run(
                        tf("math.top_k", "'k': 2, 'sorted': true", "3").importer().graph(),
                        List.of(x));
        assertGives(both.getFirst(), shape(2, 2), i -> new double[] {5, 2, 7, 3}[i]);
    }
}
