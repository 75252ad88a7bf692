package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Window;
import io.webdnn.importer.keras.Layers.Layer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Convolutions, and what makes axes of images longer or shorter.
///
/// The operators want channels first, as ONNX does. A layer with channels last stands between two
/// transpositions, which cancel those of its neighbours.
final class ConvolutionLayers {
    private ConvolutionLayers() {}

    static void addTo(Map<String, Layer> table) {
        for (int d = 1; d <= 3; d++) {
            int spatial = d;
            table.put("Conv" + d + "D", call -> convolution(call, spatial));
            table.put("Conv" + d + "DTranspose", call -> transposed(call, spatial));
            table.put("Cropping" + d + "D", call -> cropping(call, spatial));
            table.put("UpSampling" + d + "D", call -> upSampling(call, spatial));
            table.put("ZeroPadding" + d + "D", call -> zeroPadding(call, spatial));
        }
        for (int d = 1; d <= 2; d++) {
            int spatial = d;
            table.put("DepthwiseConv" + d + "D", call -> depthwise(call, spatial));
            table.put("SeparableConv" + d + "D", call -> separable(call, spatial));
        }
    }

    /// {@return the input as the operators want it}
    static Value channelsFirst(LayerCall call, int spatial) {
        var x = call.input(spatial + 2);
        return call.isChannelsLast() ? call.channelsFirst(x) : x;
    }

    /// {@return an output as the layer gives it}
    static Value restored(LayerCall call, Value y) {
        return call.isChannelsLast() ? call.channelsLast(y) : y;
    }

    /// {@return the windows over the spatial axes of x, `[N, C, D…]`, padded as `padding` says}
    static List<Window> windows(
            LayerCall call,
            Value x,
            List<Integer> kernel,
            List<Integer> strides,
            List<Integer> dilations) {
        var windows = new ArrayList<Window>();
        var padding =
                kernel.size() == 1
                        ? call.config().choice("padding", "valid", "same", "causal")
                        : call.config().choice("padding", "valid", "same");
        for (int d = 0; d < kernel.size(); d++) {
            int stride = strides.get(d);
            int dilation = dilations.get(d);
            int span = (kernel.get(d) - 1) * dilation;
            windows.add(
                    switch (padding) {
                        case "same" ->
                                stride == 1
                                        ? new Window(1, dilation, span / 2, span - span / 2)
                                        : Window.same(
                                                call.fixed(x, d + 2),
                                                kernel.get(d),
                                                stride,
                                                dilation,
                                                true);
                        case "causal" -> new Window(stride, dilation, span, 0);
                        default -> new Window(stride, dilation, 0, 0);
                    });
        }
        return windows;
    }

    private static Value convolution(LayerCall call, int spatial) {
        var config = call.config();
        var x = channelsFirst(call, spatial);
        int filters = config.integer("filters");
        int groups = config.integer("groups", 1);
        var kernel = config.integers("kernel_size", spatial, 1);
        int channels = call.fixed(x, 1);
        var stored = call.weight("kernel", shape(kernel, channels / groups, filters));
        // [k…, C, M] as [M, C, k…]
        var weights = call.transpose(stored, order(spatial, spatial + 1, spatial));
        var windows =
                windows(
                        call,
                        x,
                        kernel,
                        config.integers("strides", spatial, 1),
                        config.integers("dilation_rate", spatial, 1));
        var y = convolve(call, new Conv(windows, groups), x, weights, filters);
        return Activations.apply(call, "activation", restored(call, y));
    }

    private static Value convolve(LayerCall call, Op op, Value x, Value weights, int filters) {
        return CoreLayers.usesBias(call)
                ? call.apply(op, x, weights, call.weight("bias", filters))
                : call.apply(op, x, weights);
    }

    private static Value depthwise(LayerCall call, int spatial) {
        var x = channelsFirst(call, spatial);
        call.config().ignore("filters");
        int filters = call.fixed(x, 1) * call.config().integer("depth_multiplier", 1);
        var op = depthwiseConvolution(call, x, spatial);
        var weights = depthwiseWeights(call, x, spatial);
        var y = convolve(call, op, x, weights, filters);
        return Activations.apply(call, "activation", restored(call, y));
    }

    private static Conv depthwiseConvolution(LayerCall call, Value x, int spatial) {
        var config = call.config();
        var kernel = config.integers("kernel_size", spatial, 1);
        var strides = config.integers("strides", spatial, 1);
        var dilations = config.integers("dilation_rate", spatial, 1);
        return new Conv(windows(call, x, kernel, strides, dilations), call.fixed(x, 1));
    }

    /// {@return `[k…, C, multiplier]` as `[C · multiplier, 1, k…]`}
    private static Value depthwiseWeights(LayerCall call, Value x, int spatial) {
        var kernel = call.config().integers("kernel_size", spatial, 1);
        int channels = call.fixed(x, 1);
        int multiplier = call.config().integer("depth_multiplier", 1);
        var stored = call.weight("depthwise_kernel", shape(kernel, channels, multiplier));
        var shape = new long[spatial + 2];
        shape[0] = (long) channels * multiplier;
        shape[1] = 1;
        for (int d = 0; d < spatial; d++) shape[d + 2] = kernel.get(d);
        return call.reshape(call.transpose(stored, order(spatial, spatial, spatial + 1)), shape);
    }

    private static Value separable(LayerCall call, int spatial) {
        var x = channelsFirst(call, spatial);
        int filters = call.config().integer("filters");
        int groups = call.config().integer("groups", 1);
        if (groups != 1) throw call.wrong("groups", "1", groups);
        int between = call.fixed(x, 1) * call.config().integer("depth_multiplier", 1);
        var op = depthwiseConvolution(call, x, spatial);
        var each = call.apply(op, x, depthwiseWeights(call, x, spatial));
        var one = Collections.nCopies(spatial, 1);
        var stored = call.weight("pointwise_kernel", shape(one, between, filters));
        var point = new Conv(Collections.nCopies(spatial, Window.PLAIN), 1);
        var weights = call.transpose(stored, order(spatial, spatial + 1, spatial));
        var y = convolve(call, point, each, weights, filters);
        return Activations.apply(call, "activation", restored(call, y));
    }

    private static Value transposed(LayerCall call, int spatial) {
        var config = call.config();
        var x = channelsFirst(call, spatial);
        int filters = config.integer("filters");
        var kernel = config.integers("kernel_size", spatial, 1);
        var strides = config.integers("strides", spatial, 1);
        var dilations = config.integers("dilation_rate", spatial, 1);
        boolean same = config.choice("padding", "valid", "same").equals("same");
        var given =
                config.has("output_padding") ? config.integers("output_padding", spatial, 0) : null;
        var windows = new ArrayList<Window>();
        var after = new ArrayList<Integer>();
        for (int d = 0; d < spatial; d++) {
            int stride = strides.get(d);
            int taps = (kernel.get(d) - 1) * dilations.get(d) + 1;
            // Without output_padding the output has extent · stride, or what the taps reach if
            // that is more and the padding is valid.
            int begin = 0;
            int end = 0;
            int extra = 0;
            if (given != null) {
                int pad = same ? taps / 2 : 0;
                begin = pad;
                end = pad;
                extra = given.get(d);
            } else if (same) {
                int excess = taps - stride;
                begin = Math.max(0, excess) / 2;
                end = Math.max(0, excess) - begin;
                extra = Math.max(0, -excess);
            } else {
                extra = Math.max(0, stride - taps);
            }
            windows.add(new Window(stride, dilations.get(d), begin, end));
            after.add(extra + beyond(call, x, d, stride, taps - begin - end + extra));
        }
        // [k…, M, C] as [C, M, k…]
        var stored = call.weight("kernel", shape(kernel, filters, call.fixed(x, 1)));
        var weights = call.transpose(stored, order(spatial, spatial + 1, spatial));
        var op = new ConvTranspose(windows, 1, after);
        var y = convolve(call, op, x, weights, filters);
        return Activations.apply(call, "activation", restored(call, y));
    }

    /// {@return how much longer an axis is than it must be, by Keras 1's attribute `output_shape`}
    ///
    /// @param taps the elements that one element of the input makes
    private static int beyond(LayerCall call, Value x, int d, int stride, int taps) {
        if (!(call.config().get("output_shape") instanceof List<?> said)) return 0;
        int axis = d + (call.isChannelsLast() ? 1 : 2);
        if (axis >= said.size() || !(said.get(axis) instanceof Long wanted)) return 0;
        long least = (call.fixed(x, d + 2) - 1L) * stride + taps;
        if (wanted < least || wanted >= least + stride)
            throw call.wrong(
                    "output_shape",
                    least + " … " + (least + stride - 1) + " on axis " + axis,
                    said);
        return (int) (wanted - least);
    }

    private static int[] shape(List<Integer> kernel, int... channels) {
        return IntStream.concat(kernel.stream().mapToInt(Integer::intValue), IntStream.of(channels))
                .toArray();
    }

    /// {@return the permutation that puts two axes before the spatial ones}
    private static List<Integer> order(int spatial, int first, int second) {
        var order = new ArrayList<>(List.of(first, second));
        IntStream.range(0, spatial).forEach(order::add);
        return order;
    }

    private static int firstSpatial(LayerCall call, int spatial) {
        call.input(spatial + 2);
        return call.isChannelsLast() ? 1 : 2;
    }

    private static Value cropping(LayerCall call, int spatial) {
        return padded(call, spatial, call.config().pairs("cropping", spatial), -1);
    }

    private static Value zeroPadding(LayerCall call, int spatial) {
        return padded(call, spatial, call.config().pairs("padding", spatial), 1);
    }

    private static Value padded(LayerCall call, int spatial, List<List<Integer>> pairs, int sign) {
        int first = firstSpatial(call, spatial);
        var x = call.input();
        int rank = x.type().rank();
        var pads = new long[2 * rank];
        for (int d = 0; d < spatial; d++) {
            pads[first + d] = (long) sign * pairs.get(d).get(0);
            pads[rank + first + d] = (long) sign * pairs.get(d).get(1);
        }
        return call.apply(new Pad(Pad.Mode.CONSTANT), x, call.vector(pads));
    }

    private static Value upSampling(LayerCall call, int spatial) {
        var factors = call.config().integers("size", spatial, 2);
        int first = firstSpatial(call, spatial);
        var y = call.input();
        if (!call.config().text("interpolation", "nearest").equals("nearest")) {
            int height = call.fixed(y, first) * factors.getFirst();
            int width = call.fixed(y, first + 1) * factors.getLast();
            return PreprocessingLayers.resized(call, y, first, height, width);
        }
        for (int d = 0; d < spatial; d++) {
            int factor = factors.get(d);
            if (factor == 1) continue;
            int extent = call.fixed(y, first + d);
            var places = IntStream.range(0, extent * factor).map(place -> place / factor);
            y = call.gather(y, first + d, places.toArray());
        }
        return y;
    }
}
