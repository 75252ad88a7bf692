package io.webdnn.train.keras;

import io.webdnn.graph.op.Conv;
import io.webdnn.train.F;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A convolution of each channel alone: `[N, H, W, C]` to `[N, H', W', C · multiplier]`.
///
/// Weights: `depthwise_kernel` `[kH, kW, C, multiplier]`, `bias` `[C · multiplier]`.
public final class DepthwiseConv2D extends ConvolutionLayer<DepthwiseConv2D> {
    private int multiplier = 1;

    /// @param kernelSize the extent of the window, on both axes or on each
    public DepthwiseConv2D(int... kernelSize) {
        super("depthwise_kernel", "depthwise", 2, 0, kernelSize);
    }

    /// Sets how many channels become of each, 1 at first.
    public DepthwiseConv2D depthMultiplier(int count) {
        expectNotBuilt("depth multiplier");
        multiplier = positive("depth multiplier", count);
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        int[] output = windows().places(input, input.length == 3 ? input[2] * multiplier : 0);
        if (isBuilt()) expectChannels(input, kernel().size(0));
        return output;
    }

    @Override
    void build(int[] input) {
        makeKernel(List.of(2, 3, 0, 1), kernelShape(input[2], multiplier));
        makeBias(input[2] * multiplier);
    }

    @Override
    Signal apply(Signal x) {
        var turned = x.turned();
        int channels = turned.size(1);
        int[] size = windows().size();
        var weights = F.reshape(kernel(), channels * multiplier, 1, size[0], size[1]);
        var function = F.convolution(new Conv(windows().over(turned), channels));
        return activated(new Signal(F.apply(function, name(), withBias(turned, weights)), true));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        super.describe(config);
        config.put("depth_multiplier", multiplier);
    }

    @Override
    void read(Settings settings) {
        depthMultiplier(settings.integer("depth_multiplier", 1));
        super.read(settings);
    }
}
