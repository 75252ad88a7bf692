package io.webdnn.train.dataset;

import io.webdnn.tensor.Tensor;
import java.util.List;

/// Numbered examples, each of one or more components such as image and label.
public interface Dataset {
    /// {@return the number of examples}
    int size();

    /// {@return one new tensor per component: the examples of the given numbers, stacked along a
    /// new leading axis}
    List<Tensor> batch(int[] indices);
}
