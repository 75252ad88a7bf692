package io.webdnn.train.keras;

import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Window;
import java.util.List;

/// The mean of each window, of what lies within the input: `[N, D, H, W, C]` to fewer places.
public final class AveragePooling3D extends PoolingLayer<AveragePooling3D> {
    /// @param poolSize the extent of the window and the step between windows, on all axes or on
    ///   each
    public AveragePooling3D(int... poolSize) {
        super(3, poolSize);
    }

    @Override
    Op operator(List<Integer> size, List<Window> over) {
        return new AveragePool(size, over, false, false);
    }
}
