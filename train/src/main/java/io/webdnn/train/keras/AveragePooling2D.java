package io.webdnn.train.keras;

import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Window;
import java.util.List;

/// The mean of each window, of what lies within the input: `[N, H, W, C]` to fewer places.
public final class AveragePooling2D extends PoolingLayer<AveragePooling2D> {
    /// @param poolSize the extent of the window and the step between windows, on all axes or on
    ///   each
    public AveragePooling2D(int... poolSize) {
        super(2, poolSize);
    }

    @Override
    Op operator(List<Integer> size, List<Window> over) {
        return new AveragePool(size, over, false, false);
    }
}
