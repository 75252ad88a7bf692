package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.TrainingException;

/// Class numbers as rows with a single 1.
public final class Categorical {
    private Categorical() {}

    /// {@return `[N, classes]`, float32: 1 at the class of each example, 0 elsewhere}
    ///
    /// @param labels class numbers `[N]`, int32
    /// @throws TrainingException if one is none of `0 … classes − 1`
    public static Tensor toCategorical(Tensor labels, int classes) {
        if (labels.dtype() != DType.INT32 || labels.rank() != 1)
            throw TrainingException.of("toCategorical", "labels", "int32[N]", labels);
        int[] numbers = labels.ints();
        var rows = Tensor.zeros(DType.FLOAT32, numbers.length, classes);
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] < 0 || numbers[i] >= classes) {
                throw TrainingException.of(
                        "toCategorical",
                        "labels",
                        "0 ... " + (classes - 1),
                        numbers[i] + " at position " + i);
            }
            rows.floats()[i * classes + numbers[i]] = 1;
        }
        return rows;
    }
}
