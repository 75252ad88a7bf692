package io.webdnn.train.keras;

import io.webdnn.graph.op.Conv;
import io.webdnn.train.F;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A convolution of each channel alone: `[N, D…, C]` to `[N, D'…, C · multiplier]`.
///
/// Weights: `depthwise_kernel` `[k…, C, multiplier]`, `bias` `[C · multiplier]`.
///
/// @param <S> the kind of layer
public abstract class DepthwiseLayer<S extends DepthwiseLayer<S>> extends ConvolutionLayer<S> {
    private int multiplier = 1;

    DepthwiseLayer(int axes, int... kernelSize) {
        super("depthwise_kernel", "depthwise", axes, 0, kernelSize);
    }

    /// Sets how many channels become of each, 1 at first.
    public final S depthMultiplier(int count) {
        expectNotBuilt("depth multiplier");
        multiplier = positive("depth multiplier", count);
        return self();
    }

    @Override
    final int[] outputShape(int[] input) {
        int axes = windows().axes();
        int channels = input.length == axes + 1 ? input[axes] * multiplier : 0;
        int[] output = windows().places(input, channels);
        if (isBuilt()) expectChannels(input, kernel().size(0));
        return output;
    }

    @Override
    final void build(int[] input) {
        int channels = input[windows().axes()];
        makeKernel(depthwiseOrder(), kernelShape(channels, multiplier));
        makeBias(channels * multiplier);
    }

    @Override
    final Signal apply(Signal x) {
        var turned = x.turned();
        var weights = F.reshape(kernel(), depthwiseShape(turned.size(1) * multiplier));
        var function = F.convolution(new Conv(windows().over(turned), turned.size(1)));
        return activated(new Signal(F.apply(function, name(), withBias(turned, weights)), true));
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        super.describe(config);
        config.put("depth_multiplier", multiplier);
    }

    @Override
    final void read(Settings settings) {
        depthMultiplier(settings.integer("depth_multiplier", 1));
        super.read(settings);
    }
}
