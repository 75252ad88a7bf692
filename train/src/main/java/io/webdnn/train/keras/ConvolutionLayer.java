package io.webdnn.train.keras;

import io.webdnn.graph.op.Conv;
import io.webdnn.train.F;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A convolution over one, two or three axes: `[N, D…, C]` to `[N, D'…, filters]`.
///
/// Weights: `kernel` `[k…, C, filters]`, `bias` `[filters]`.
///
/// @param <S> the kind of layer
public abstract class ConvolutionLayer<S extends ConvolutionLayer<S>> extends WeightedLayer<S> {
    private final int filters;
    private final Windows windows;

    ConvolutionLayer(int axes, int filters, int... kernelSize) {
        this("kernel", "kernel", axes, filters, kernelSize);
    }

    /// @param name the kernel's in files
    /// @param prefix that of its settings in files
    /// @param filters the number of channels of the result, 0 where the input decides it
    ConvolutionLayer(String name, String prefix, int axes, int filters, int... kernelSize) {
        super(name, prefix);
        this.filters = filters == 0 ? 0 : positive("filters", filters);
        this.windows = new Windows(this, "kernel size", axes, kernelSize);
    }

    static int expectFilters(int filters, String kind) {
        if (filters < 1)
            throw io.webdnn.train.TrainingException.of(kind, "filters", ">= 1", filters);
        return filters;
    }

    /// Sets the step between windows, for all axes or for each; 1 at first.
    public final S strides(int... each) {
        windows.strides(each);
        return self();
    }

    /// Sets the distance of neighbouring taps, for all axes or for each; 1 at first.
    public final S dilationRate(int... each) {
        windows.dilation(each);
        return self();
    }

    /// Sets what happens at the edges: `valid` at first, or `same`.
    public final S padding(String name) {
        windows.padding(name);
        return self();
    }

    final Windows windows() {
        return windows;
    }

    final int filters() {
        return filters;
    }

    /// Complains about another number of channels than the weights are for.
    final void expectChannels(int[] input, int expected) {
        if (isBuilt() && input[input.length - 1] != expected)
            throw wrong("input", expected + " channels", Arrays.toString(input));
    }

    @Override
    int[] outputShape(int[] input) {
        int[] output = windows.places(input, filters);
        if (isBuilt()) expectChannels(input, kernel().size(1));
        return output;
    }

    /// {@return `[k…, in, out]`}
    final int[] kernelShape(int in, int out) {
        int[] shape = Arrays.copyOf(windows.size(), windows.axes() + 2);
        shape[windows.axes()] = in;
        shape[windows.axes() + 1] = out;
        return shape;
    }

    /// {@return where the axes of `[k…, in, out]` stand in `[out, in, k…]`}
    final List<Integer> order() {
        var order = new ArrayList<>(IntStream.range(2, windows.axes() + 2).boxed().toList());
        order.addAll(List.of(1, 0));
        return order;
    }

    /// {@return where the axes of `[k…, in, multiplier]` stand in `[in, multiplier, k…]`}
    final List<Integer> depthwiseOrder() {
        var order = new ArrayList<>(IntStream.range(2, windows.axes() + 2).boxed().toList());
        order.addAll(List.of(0, 1));
        return order;
    }

    /// {@return `[channels, 1, k…]`}
    final int[] depthwiseShape(int channels) {
        return IntStream.concat(IntStream.of(channels, 1), IntStream.of(windows.size())).toArray();
    }

    @Override
    void build(int[] input) {
        makeKernel(order(), kernelShape(input[input.length - 1], filters));
        makeBias(filters);
    }

    @Override
    Signal apply(Signal x) {
        var turned = x.turned();
        var function = F.convolution(new Conv(windows.over(turned), 1));
        var y = F.apply(function, name(), withBias(turned, kernel()));
        return activated(new Signal(y, true));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        if (filters > 0) config.put("filters", filters);
        windows.describeConvolution(config);
        describeWeights(config);
    }

    @Override
    void read(Settings settings) {
        windows.read(settings);
        super.read(settings);
    }
}
