package io.webdnn.train.keras;

import java.util.Arrays;
import java.util.List;

/// What is wanted of one output of a model.
///
/// @param name of the layer that gives the output
/// @param weight what the loss is multiplied by
record Goal(String name, Output output, Loss loss, double weight, List<Measured> metrics) {
    /// A metric as it is computed for this output.
    record Measured(Metric metric, Metric.Measure measure) {}

    /// {@return the shape of what the output should be, for one example}
    int[] target() {
        int[] shape = output.shape();
        return loss.takesLabels() ? Arrays.copyOf(shape, shape.length - 1) : shape;
    }
}
