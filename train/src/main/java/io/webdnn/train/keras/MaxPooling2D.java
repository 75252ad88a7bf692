package io.webdnn.train.keras;

import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Window;
import java.util.List;

/// The maximum of each window: `[N, H, W, C]` to fewer places.
public final class MaxPooling2D extends PoolingLayer<MaxPooling2D> {
    /// @param poolSize the extent of the window and the step between windows, on all axes or on
    ///   each
    public MaxPooling2D(int... poolSize) {
        super(2, poolSize);
    }

    @Override
    Op operator(List<Integer> size, List<Window> over) {
        return new MaxPool(size, over, false, false, false);
    }
}
