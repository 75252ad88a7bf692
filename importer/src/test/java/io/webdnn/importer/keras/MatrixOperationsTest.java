package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationModels.NN;
import static io.webdnn.importer.keras.OperationModels.NUMPY;
import static io.webdnn.importer.keras.OperationModels.X;
import static io.webdnn.importer.keras.OperationModels.Y;
import static io.webdnn.importer.keras.OperationModels.assertGives;
import static io.webdnn.importer.keras.OperationModels.ops;
import static io.webdnn.importer.keras.OperationModels.random;
import static io.webdnn.importer.keras.OperationModels.shape;
import static io.webdnn.importer.keras.OperationModels.tf;

import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Products, normalizations, categories, windows, in models of Keras 2 with TensorFlow and of Keras
/// 3, against the formulas of their documentation in plain loops.
final class MatrixOperationsTest {
    @Test
    void products() {
        var a = random(1, 2, 3, 4);
        var b = random(2, 2, 4, 5);
        IntToDoubleFunction product =
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 4; k++)
                        sum +=
                                a.getDouble(i / 5 * 4 + k)
                                        * b.getDouble(i / 15 * 20 + k * 5 + i % 5);
                    return sum;
                };
        for (var model :
                List.of(
                        tf("linalg.matmul", "'b': ['x1', 0, 0]", "3, 4", "4, 5"),
                        ops(NUMPY + "Matmul", "", X + ", " + Y, "3, 4", "4, 5"),
                        ops(
                                NUMPY + "Einsum",
                                "'subscripts': 'bij,bjk->bik'",
                                X + ", " + Y,
                                "3, 4",
                                "4, 5"))) assertGives(model.run(a, b), shape(2, 3, 5), product);
        var c = random(3, 2, 5, 4);
        assertGives(
                tf("linalg.matmul", "'b': ['x1', 0, 0], 'transpose_b': true", "3, 4", "5, 4")
                        .run(a, c),
                shape(2, 3, 5),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 4; k++)
                        sum +=
                                a.getDouble(i / 5 * 4 + k)
                                        * c.getDouble(i / 15 * 20 + i % 5 * 4 + k);
                    return sum;
                });
        var matrix = "[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]";
        var x = random(4, 2, 3);
        assertGives(
                tf("tensordot", "'b': " + matrix + ", 'axes': 1", "3").run(x),
                shape(2, 2),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 3; k++)
                        sum += x.getDouble(i / 2 * 3 + k) * (1 + 2 * k + i % 2);
                    return sum;
                });
    }

    @Test
    void normalizations() {
        var x = random(1, 2, 3);
        for (var model :
                List.of(
                        tf("nn.softmax", "'axis': -1", "3"),
                        tf("nn.softmax", "'axis': null", "3"),
                        ops(NN + "Softmax", "'axis': 1", X, "3")))
            assertGives(
                    model.run(x),
                    shape(2, 3),
                    i -> {
                        double sum = 0;
                        for (int k = 0; k < 3; k++) sum += Math.exp(x.getDouble(i / 3 * 3 + k));
                        return Math.exp(x.getDouble(i)) / sum;
                    });
        for (var model :
                List.of(
                        tf("math.l2_normalize", "'axis': 1, 'epsilon': 1e-12", "3"),
                        ops(NN + "Normalize", "'axis': -1, 'order': 2, 'epsilon': null", X, "3")))
            assertGives(
                    model.run(x),
                    shape(2, 3),
                    i -> {
                        double sum = 0;
                        for (int k = 0; k < 3; k++) sum += Math.pow(x.getDouble(i / 3 * 3 + k), 2);
                        return x.getDouble(i) / Math.sqrt(sum);
                    });
    }

    @Test
    void categoriesAndWindows() {
        var indices = Tensor.of(new float[] {0, 2, 3, 1}, 2, 2);
        for (var model :
                List.of(
                        tf("one_hot", "'depth': 4", "2"),
                        ops(NN + "OneHot", "'num_classes': 4, 'axis': -1", X, "2")))
            assertGives(
                    model.run(indices),
                    shape(2, 2, 4),
                    i -> indices.getDouble(i / 4) == i % 4 ? 1 : 0);
        var image = random(1, 1, 4, 4, 2);
        for (var model :
                List.of(
                        tf(
                                "nn.max_pool2d",
                                "'ksize': [1, 2, 2, 1], 'strides': 2, 'padding': 'VALID'",
                                "4, 4, 2"),
                        ops(
                                NN + "MaxPool",
                                "'pool_size': 2, 'strides': null, 'padding': 'valid',"
                                        + " 'data_format': 'channels_last'",
                                X,
                                "4, 4, 2")))
            assertGives(
                    model.run(image),
                    shape(1, 2, 2, 2),
                    i -> {
                        double most = -9;
                        for (int dy = 0; dy < 2; dy++)
                            for (int dx = 0; dx < 2; dx++)
                                most =
                                        Math.max(
                                                most,
                                                image.getDouble(
                                                        ((i / 4 * 2 + dy) * 4 + i / 2 % 2 * 2 + dx)
                                                                        * 2
                                                                + i % 2));
                        return most;
                    });
        for (var model :
                List.of(
                        tf("image.resize", "'size': [8, 8], 'method': 'nearest'", "4, 4, 2"),
                        ops(
                                "keras.src.ops.image:Resize",
                                "'size': [8, 8], 'interpolation': 'nearest'",
                                X,
                                "4, 4, 2")))
            assertGives(
                    model.run(image),
                    shape(1, 8, 8, 2),
                    i -> image.getDouble((i / 16 / 2 * 4 + i / 2 % 8 / 2) * 2 + i % 2));
        var blocks = random(2, 1, 2, 2, 4);
        assertGives(
                tf("nn.depth_to_space", "'block_size': 2", "2, 2, 4").run(blocks),
                shape(1, 4, 4, 1),
                i -> blocks.getDouble((i / 4 / 2 * 2 + i % 4 / 2) * 4 + i / 4 % 2 * 2 + i % 4 % 2));
    }
}
