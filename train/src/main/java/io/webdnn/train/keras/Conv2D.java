package io.webdnn.train.keras;

import io.webdnn.graph.op.Conv;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Convolution of images: `[N, H, W, C]` to `[N, H', W', filters]`.
///
/// Weights: `kernel` `[kH, kW, C, filters]`, `bias` `[filters]`.
///
/// ```java
/// new Conv2D(32, 3).activation("relu")
/// new Conv2D(64, 5, 3).strides(2).padding("same").useBias(false)
/// ```
public final class Conv2D extends WeightedLayer<Conv2D> {
    private final int filters;
    private final int[] kernelSize;
    private int[] strides = {1, 1};
    private int[] dilation = {1, 1};
    private Padding padding = Padding.VALID;

    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on both axes
    public Conv2D(int filters, int kernelSize) {
        this(filters, kernelSize, kernelSize);
    }

    /// @param filters the number of channels of the result
    /// @param kernelHeight the window's extent along H
    /// @param kernelWidth the window's extent along W
    public Conv2D(int filters, int kernelHeight, int kernelWidth) {
        this.filters = positive("filters", filters);
        this.kernelSize =
                new int[] {
                    positive("kernel size", kernelHeight), positive("kernel size", kernelWidth)
                };
    }

    /// Sets the step between windows, 1 at first.
    public Conv2D strides(int both) {
        return strides(both, both);
    }

    /// Sets the step between windows along H and W, 1 at first.
    public Conv2D strides(int vertical, int horizontal) {
        expectNotBuilt("strides");
        strides = new int[] {positive("strides", vertical), positive("strides", horizontal)};
        return this;
    }

    /// Sets the distance of neighbouring taps, 1 at first.
    public Conv2D dilationRate(int both) {
        return dilationRate(both, both);
    }

    /// Sets the distance of neighbouring taps along H and W, 1 at first.
    public Conv2D dilationRate(int vertical, int horizontal) {
        expectNotBuilt("dilation rate");
        dilation =
                new int[] {
                    positive("dilation rate", vertical), positive("dilation rate", horizontal)
                };
        return this;
    }

    /// Sets what happens at the edges: `valid` at first, or `same`.
    public Conv2D padding(String name) {
        expectNotBuilt("padding");
        padding = Padding.of(this, name);
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        expectRank(input, 3, "[height, width, channels]");
        int[] output = {0, 0, filters};
        for (int d = 0; d < 2; d++)
            output[d] = padding.places(input[d], kernelSize[d], strides[d], dilation[d]);
        if (output[0] < 1 || output[1] < 1) {
            throw wrong(
                    "input",
                    "at least "
                            + ((kernelSize[0] - 1) * dilation[0] + 1)
                            + " x "
                            + ((kernelSize[1] - 1) * dilation[1] + 1),
                    Arrays.toString(input));
        }
        if (isBuilt() && kernel().size(1) != input[2])
            throw wrong("input", kernel().size(1) + " channels", Arrays.toString(input));
        return output;
    }

    @Override
    void build(int[] input) {
        makeWeights(filters, input[2], kernelSize[0], kernelSize[1]);
    }

    @Override
    Signal apply(Signal x) {
        var turned = x.turned();
        int[] input = {turned.size(2), turned.size(3)};
        var conv = new Conv(padding.windows(input, kernelSize, strides, dilation), 1);
        var function = F.convolution(conv);
        var bias = bias();
        var inputs =
                bias == null
                        ? new Variable[] {turned, kernel()}
                        : new Variable[] {turned, kernel(), bias};
        return activation().apply(new Signal(F.apply(function, name(), inputs), true));
    }

    @Override
    Integer[] kernelOrder() {
        return new Integer[] {2, 3, 1, 0};
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("filters", filters);
        config.put("kernel_size", pair(kernelSize));
        config.put("strides", pair(strides));
        config.put("padding", padding.keras());
        config.put("data_format", "channels_last");
        config.put("dilation_rate", pair(dilation));
        describeWeights(config);
    }

    private static List<Integer> pair(int[] extents) {
        return List.of(extents[0], extents[1]);
    }
}
