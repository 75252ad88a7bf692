package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.dataset.Dataset;
import java.util.List;

/// Some neighbouring examples of a dataset.
record Subset(Dataset all, int from, int size) implements Dataset {
    @Override
    public List<Tensor> batch(int[] indices) {
        int[] moved = new int[indices.length];
        for (int i = 0; i < moved.length; i++) moved[i] = from + indices[i];
        return all.batch(moved);
    }
}
