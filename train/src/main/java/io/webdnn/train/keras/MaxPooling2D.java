package io.webdnn.train.keras;

import io.webdnn.graph.op.MaxPool;
import io.webdnn.train.F;
import io.webdnn.train.function.OperatorFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The maximum of each window: `[N, H, W, C]` to `[N, H', W', C]`.
public final class MaxPooling2D extends FluentLayer<MaxPooling2D> {
    private static final int[] NO_DILATION = {1, 1};

    private final int[] poolSize;
    private int[] strides;
    private Padding padding = Padding.VALID;

    /// @param poolSize the extent of the window and the step between windows, on both axes
    public MaxPooling2D(int poolSize) {
        this(poolSize, poolSize);
    }

    /// @param height the window's extent along H, and the step
    /// @param width the window's extent along W, and the step
    public MaxPooling2D(int height, int width) {
        poolSize = new int[] {positive("pool size", height), positive("pool size", width)};
        strides = poolSize;
    }

    /// Sets the step between windows, the pool size at first.
    public MaxPooling2D strides(int both) {
        return strides(both, both);
    }

    /// Sets the step between windows along H and W, the pool size at first.
    public MaxPooling2D strides(int vertical, int horizontal) {
        expectNotBuilt("strides");
        strides = new int[] {positive("strides", vertical), positive("strides", horizontal)};
        return this;
    }

    /// Sets what happens at the edges: `valid` at first, or `same`.
    public MaxPooling2D padding(String name) {
        expectNotBuilt("padding");
        padding = Padding.of(this, name);
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        expectRank(input, 3, "[height, width, channels]");
        int[] output = input.clone();
        for (int d = 0; d < 2; d++)
            output[d] = padding.places(input[d], poolSize[d], strides[d], 1);
        if (output[0] < 1 || output[1] < 1) {
            throw wrong(
                    "input",
                    "at least " + poolSize[0] + " x " + poolSize[1],
                    Arrays.toString(input));
        }
        return output;
    }

    @Override
    Signal apply(Signal x) {
        var turned = x.turned();
        int[] input = {turned.size(2), turned.size(3)};
        var windows = padding.windows(input, poolSize, strides, NO_DILATION);
        var pool = new MaxPool(List.of(poolSize[0], poolSize[1]), windows, false, false, false);
        return new Signal(F.apply(new OperatorFunction(kind(), pool), name(), turned), true);
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("pool_size", List.of(poolSize[0], poolSize[1]));
        config.put("padding", padding.keras());
        config.put("strides", List.of(strides[0], strides[1]));
        config.put("data_format", "channels_last");
    }
}
