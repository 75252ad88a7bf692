package io.webdnn.train.keras;

import java.util.ArrayList;
import java.util.List;

/// One use of a layer in a model; those of one layer share its weights.
final class Call {
    private final Layer layer;
    private final List<Output> inputs;
    private final List<Output> outputs = new ArrayList<>();

    Call(Layer layer, List<Output> inputs, List<int[]> shapes) {
        this.layer = layer;
        this.inputs = List.copyOf(inputs);
        for (var shape : shapes) outputs.add(new Output(this, outputs.size(), shape));
    }

    Layer layer() {
        return layer;
    }

    List<Output> inputs() {
        return inputs;
    }

    List<Output> outputs() {
        return outputs;
    }
}
