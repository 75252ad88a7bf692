package io.webdnn.train.keras;

import io.webdnn.graph.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The windows of a layer: how large they are and where they fall, along each axis between the
/// batch and the channels.
final class Windows {
    private final Layer layer;
    private final int[] size;
    private int[] strides;
    private int[] dilation;
    private Padding padding = Padding.VALID;

    /// @param argument what the layer calls the size
    /// @param size one extent for all axes, or one for each
    Windows(Layer layer, String argument, int axes, int... size) {
        this.layer = layer;
        this.size = each(layer, argument, axes, size);
        this.strides = each(layer, "strides", axes, 1);
        this.dilation = strides;
    }

    /// {@return a number of 1 or more for each axis}
    static int[] each(Layer layer, String argument, int axes, int... given) {
        for (int number : given) layer.positive(argument, number);
        if (given.length == axes) return given.clone();
        if (given.length != 1)
            throw layer.wrong(argument, "1 or " + axes + " numbers", Arrays.toString(given));
        return IntStream.generate(() -> given[0]).limit(axes).toArray();
    }

    int axes() {
        return size.length;
    }

    int[] size() {
        return size.clone();
    }

    int[] strides() {
        return strides.clone();
    }

    Padding padding() {
        return padding;
    }

    void strides(int... given) {
        layer.expectNotBuilt("strides");
        strides = each(layer, "strides", axes(), given);
    }

    void dilation(int... given) {
        layer.expectNotBuilt("dilation rate");
        dilation = each(layer, "dilation rate", axes(), given);
    }

    void padding(String name) {
        layer.expectNotBuilt("padding");
        padding = Padding.of(layer, name);
    }

    /// {@return `[height, width, channels]`}
    static String form(int axes) {
        return switch (axes) {
            case 1 -> "[steps, channels]";
            case 2 -> "[height, width, channels]";
            default -> "[depth, height, width, channels]";
        };
    }

    /// {@return the shape of the places, with so many channels}
    ///
    /// @param input the shape of an example, channels last
    int[] places(int[] input, int channels) {
        layer.expectRank(input, axes() + 1, form(axes()));
        int[] output = new int[axes() + 1];
        output[axes()] = channels;
        for (int d = 0; d < axes(); d++) {
            output[d] = padding.places(input[d], size[d], strides[d], dilation[d]);
            if (output[d] < 1) {
                var least =
                        IntStream.range(0, axes())
                                .mapToObj(a -> String.valueOf((size[a] - 1) * dilation[a] + 1))
                                .collect(Collectors.joining(" x "));
                throw layer.wrong("input", "at least " + least, Arrays.toString(input));
            }
        }
        return output;
    }

    /// {@return the windows over a batch, `[N, C, D…]`}
    List<Window> over(io.webdnn.train.Variable x) {
        var windows = new ArrayList<Window>();
        for (int d = 0; d < axes(); d++)
            windows.add(padding.window(x.size(d + 2), size[d], strides[d], dilation[d]));
        return windows;
    }

    static List<Integer> list(int... numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }

    void describeConvolution(Map<String, @Nullable Object> config) {
        config.put("kernel_size", list(size));
        config.put("strides", list(strides));
        config.put("padding", padding.keras());
        config.put("data_format", "channels_last");
        config.put("dilation_rate", list(dilation));
    }

    void describePool(Map<String, @Nullable Object> config) {
        config.put("pool_size", list(size));
        config.put("padding", padding.keras());
        config.put("strides", list(strides));
        config.put("data_format", "channels_last");
    }

    void read(Settings settings) {
        settings.expectChannelsLast();
        if (settings.has("strides")) strides(settings.integers("strides"));
        if (settings.has("dilation_rate")) dilation(settings.integers("dilation_rate"));
        padding(settings.text("padding", "valid"));
    }
}
