package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.TrainingException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How much each example of a batch counts.
final class ExampleWeights {
    private ExampleWeights() {}

    /// {@return a weight for each example, null if all count alike}
    ///
    /// @param given weights `[N]` of the examples
    /// @param classWeight weights of classes, 1 for one that is not named
    /// @param y what the network should say: class numbers, or rows whose largest is the class
    static @Nullable Tensor of(
            Model model, @Nullable Tensor given, Map<Integer, Double> classWeight, Tensor y) {
        if (given == null && classWeight.isEmpty()) return null;
        int count = y.shape()[0];
        var weights = Tensor.zeros(DType.FLOAT32, count);
        if (given != null && (given.dtype() != DType.FLOAT32 || given.rank() != 1)) {
            throw TrainingException.of(model.toString(), "sample weight", "float32[N]", given);
        }
        for (int i = 0; i < count; i++) {
            double weight = given == null ? 1 : given.floats()[i];
            if (!classWeight.isEmpty()) weight *= classWeight.getOrDefault(number(y, i), 1.0);
            weights.floats()[i] = (float) weight;
        }
        return weights;
    }

    private static int number(Tensor y, int example) {
        int row = y.size() / y.shape()[0];
        int best = 0;
        if (row == 1) return (int) y.getDouble(example);
        for (int k = 1; k < row; k++) {
            if (y.getDouble(example * row + k) > y.getDouble(example * row + best)) best = k;
        }
        return best;
    }
}
