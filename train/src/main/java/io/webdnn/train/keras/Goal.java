package io.webdnn.train.keras;

import java.util.Arrays;
import java.util.List;

/// What is wanted of one output of a model.
///
/// @param name of the layer that gives the output
/// @param weight what the loss is multiplied by
record Goal(String name, Output output, Objective loss, double weight, List<Metric> metrics) {
    /// {@return the shape of what the output should be, for one example}
    int[] target() {
        int[] shape = output.shape();
        return loss.takesLabels() ? Arrays.copyOf(shape, shape.length - 1) : shape;
    }
}
