package io.webdnn.train.keras;

import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Window;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A convolution of each channel alone, then one of all channels at each place: `[N, H, W, C]` to
/// `[N, H', W', filters]`.
///
/// Weights: `depthwise_kernel` `[kH, kW, C, multiplier]`, `pointwise_kernel` `[1, 1, C ·
/// multiplier, filters]`, `bias` `[filters]`. What is said of the kernel is said of the first.
public final class SeparableConv2D extends ConvolutionLayer<SeparableConv2D> {
    private static final Conv POINT = new Conv(List.of(Window.PLAIN, Window.PLAIN), 1);

    private final WeightRole pointwiseRole =
            new WeightRole("pointwise_kernel", "pointwise", WeightInitializer.GLOROT_UNIFORM);
    private int multiplier = 1;
    private @Nullable Parameter pointwise;

    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on both axes or on each
    public SeparableConv2D(int filters, int... kernelSize) {
        super(
                "depthwise_kernel",
                "depthwise",
                2,
                expectFilters(filters, "SeparableConv2D"),
                kernelSize);
    }

    /// Sets how many channels become of each between the two, 1 at first.
    public SeparableConv2D depthMultiplier(int count) {
        expectNotBuilt("depth multiplier");
        multiplier = positive("depth multiplier", count);
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        int[] output = windows().places(input, filters());
        if (isBuilt()) expectChannels(input, kernel().size(0));
        return output;
    }

    @Override
    void build(int[] input) {
        makeKernel(List.of(2, 3, 0, 1), kernelShape(input[2], multiplier));
        pointwise = make(pointwiseRole, order(), 1, 1, input[2] * multiplier, filters());
        makeBias(filters());
    }

    @Override
    Signal apply(Signal x) {
        var turned = x.turned();
        int channels = turned.size(1);
        int[] size = windows().size();
        var weights = F.reshape(kernel(), channels * multiplier, 1, size[0], size[1]);
        var each = new Conv(windows().over(turned), channels);
        var between = F.apply(F.convolution(each), name(), turned, weights);
        var inputs = withBias(between, Objects.requireNonNull(pointwise));
        return activated(new Signal(F.apply(F.convolution(POINT), name(), inputs), true));
    }

    @Override
    List<WeightRole> roles() {
        var roles = new ArrayList<>(super.roles());
        roles.add(1, pointwiseRole);
        return roles;
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
