package io.webdnn.train.dataset;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.TrainingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Examples whose components lie in tensors: example `i` is row `i` of each.
public final class TupleDataset implements Dataset {
    private final List<Tensor> components;

    /// @param components as many rows each
    public TupleDataset(Tensor... components) {
        this.components = List.of(components);
        if (components.length == 0)
            throw TrainingException.of("TupleDataset", "components", "one or more", 0);
        for (var component : components) {
            if (component.rank() == 0 || component.shape()[0] != components[0].shape()[0]) {
                throw TrainingException.of(
                        "TupleDataset",
                        "components",
                        "tensors with one leading extent",
                        Arrays.toString(components));
            }
        }
    }

    @Override
    public int size() {
        return components.getFirst().shape()[0];
    }

    @Override
    public List<Tensor> batch(int[] indices) {
        var stacked = new ArrayList<Tensor>(components.size());
        for (var component : components) stacked.add(rows(component, indices));
        return stacked;
    }

    private static Tensor rows(Tensor from, int[] indices) {
        int[] shape = from.shape();
        int row = shape[0] == 0 ? 0 : from.size() / shape[0];
        shape[0] = indices.length;
        var to = Tensor.zeros(from.dtype(), shape);
        for (int i = 0; i < indices.length; i++)
            System.arraycopy(from.storage(), indices[i] * row, to.storage(), i * row, row);
        return to;
    }
}
