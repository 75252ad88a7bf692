package io.webdnn.train.keras;

import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Window;
import java.util.List;

/// The maximum of each window: `[N, steps, C]` to fewer places.
public final class MaxPooling1D extends PoolingLayer<MaxPooling1D> {
    /// @param poolSize the extent of the window and the step between windows, on all axes or on
    ///   each
    public MaxPooling1D(int... poolSize) {
        super(1, poolSize);
    }

    @Override
    Op operator(List<Integer> size, List<Window> over) {
        return new MaxPool(size, over, false, false, false);
    }
}
