package io.webdnn.train.keras;

import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Window;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A convolution of each channel alone, then one of all channels at each place: `[N, D…, C]` to
/// `[N, D'…, filters]`.
///
/// Weights: `depthwise_kernel` `[k…, C, multiplier]`, `pointwise_kernel` `[1…, C · multiplier,
/// filters]`, `bias` `[filters]`. What is said of the kernel is said of the first.
///
/// @param <S> the kind of layer
public abstract class SeparableLayer<S extends SeparableLayer<S>> extends ConvolutionLayer<S> {
    private final WeightRole pointwiseRole =
            new WeightRole("pointwise_kernel", "pointwise", WeightInitializer.GLOROT_UNIFORM);
    private int multiplier = 1;
    private @Nullable Parameter pointwise;

    SeparableLayer(int axes, int filters, int... kernelSize) {
        super("depthwise_kernel", "depthwise", axes, filters, kernelSize);
    }

    /// Sets how many channels become of each between the two, 1 at first.
    public final S depthMultiplier(int count) {
        expectNotBuilt("depth multiplier");
        multiplier = positive("depth multiplier", count);
        return self();
    }

    @Override
    final int[] outputShape(int[] input) {
        int[] output = windows().places(input, filters());
        if (isBuilt()) expectChannels(input, kernel().size(0));
        return output;
    }

    @Override
    final void build(int[] input) {
        int axes = windows().axes();
        makeKernel(depthwiseOrder(), kernelShape(input[axes], multiplier));
        int[] point = new int[axes + 2];
        Arrays.fill(point, 1);
        point[axes] = input[axes] * multiplier;
        point[axes + 1] = filters();
        pointwise = make(pointwiseRole, order(), point);
        makeBias(filters());
    }

    @Override
    final Signal apply(Signal x) {
        var turned = x.turned();
        var weights = F.reshape(kernel(), depthwiseShape(turned.size(1) * multiplier));
        var each = new Conv(windows().over(turned), turned.size(1));
        var between = F.apply(F.convolution(each), name(), turned, weights);
        var inputs = withBias(between, Objects.requireNonNull(pointwise));
        var point = new Conv(Collections.nCopies(windows().axes(), Window.PLAIN), 1);
        return activated(new Signal(F.apply(F.convolution(point), name(), inputs), true));
    }

    @Override
    final List<WeightRole> roles() {
        var roles = new ArrayList<>(super.roles());
        roles.add(1, pointwiseRole);
        return roles;
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
