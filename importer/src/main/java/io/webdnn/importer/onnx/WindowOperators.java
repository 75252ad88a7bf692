package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.DeformConv;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Convolutions and pooling.
final class WindowOperators {
    private WindowOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("AveragePool", single(WindowOperators::averagePool));
        table.put("Conv", single(WindowOperators::conv));
        table.put("ConvTranspose", single(WindowOperators::convTranspose));
        table.put("DeformConv", single(WindowOperators::deformConv));
        table.put("GlobalAveragePool", single(n -> n.apply(new GlobalAveragePool(), n.input(0))));
        table.put("GlobalMaxPool", single(WindowOperators::globalMaxPool));
        table.put("MaxPool", WindowOperators::maxPool);
        table.put("MaxRoiPool", single(RegionPooling::pooled));
    }

    private static Value conv(Translation node) {
        return conv(node, node.inputs());
    }

    /// {@return the convolution that the node's attributes describe}
    ///
    /// @param operands X, W and, where there is one, B
    static Value conv(Translation node, List<Value> operands) {
        var kernel = kernel(node, 1);
        int group = group(node);
        return node.applyAll(new Conv(windows(node, kernel), group), operands).getFirst();
    }

    private static Value deformConv(Translation node) {
        var kernel = kernel(node, 1);
        if (kernel.size() != 2) throw node.wrong("X", "rank 4", node.type(0));
        var offsetGroup = Math.toIntExact(node.integer("offset_group", 1));
        var op = new DeformConv(windows(node, kernel), group(node), offsetGroup);
        return node.applyAll(op, node.inputs()).getFirst();
    }

    private static Value convTranspose(Translation node) {
        var kernel = kernel(node, 1);
        int spatial = kernel.size();
        var padding = new ArrayList<>(node.integers("output_padding", spatial, 0));
        var wanted = outputShape(node, spatial);
        if (wanted == null) {
            var op = new ConvTranspose(windows(node, kernel), group(node), padding);
            return node.applyAll(op, node.inputs()).getFirst();
        }
        var strides = node.integers("strides", spatial, 1);
        var dilations = node.integers("dilations", spatial, 1);
        boolean upper = node.text("auto_pad", "NOTSET").equals("SAME_UPPER");
        node.ignore("pads"); // the output's shape says what they are
        var windows = new ArrayList<Window>();
        for (int d = 0; d < spatial; d++) {
            int taps = (kernel.get(d) - 1) * dilations.get(d) + 1;
            int natural = strides.get(d) * (node.shape(0).size(d + 2) - 1) + padding.get(d) + taps;
            int total = Math.max(0, natural - wanted.get(d));
            int begin = upper ? total / 2 : total - total / 2;
            padding.set(d, padding.get(d) + Math.max(0, wanted.get(d) - natural));
            windows.add(new Window(strides.get(d), dilations.get(d), begin, total - begin));
        }
        var op = new ConvTranspose(windows, group(node), padding);
        return node.applyAll(op, node.inputs()).getFirst();
    }

    /// {@return the extents that `output_shape` or SAME padding ask for, or null}
    private static @Nullable List<Integer> outputShape(Translation node, int spatial) {
        var given = node.integers("output_shape");
        if (given != null && given.size() == spatial + 2) // some exporters give N and M as well
        return node.integers("output_shape", spatial + 2, 0).subList(2, spatial + 2);
        if (given != null) return node.integers("output_shape", spatial, 0);
        if (!node.text("auto_pad", "NOTSET").startsWith("SAME")) return null;
        var strides = node.integers("strides", spatial, 1);
        var wanted = new ArrayList<Integer>();
        for (int d = 0; d < spatial; d++) {
            wanted.add(node.shape(0).size(d + 2) * strides.get(d));
        }
        return wanted;
    }

    static int group(Translation node) {
        return Math.toIntExact(node.integer("group", 1));
    }

    /// {@return the taps per spatial axis, by W}
    ///
    /// @param weight the position of W among the inputs
    static List<Integer> kernel(Translation node, int weight) {
        int spatial = node.rank(0) - 2;
        if (spatial < 1) throw node.wrong("X", "rank >= 3", node.type(0));
        if (node.rank(weight) != spatial + 2)
            throw node.wrong("W", "rank " + (spatial + 2), node.type(weight));
        var kernel = new ArrayList<Integer>();
        for (int d = 2; d < spatial + 2; d++) kernel.add(node.shape(weight).size(d));
        if (node.hasAttribute("kernel_shape")
                && !node.integers("kernel_shape", spatial, 0).equals(kernel)) {
            throw node.wrong(
                    "kernel_shape", "W's " + kernel, node.integers("kernel_shape", spatial, 0));
        }
        return kernel;
    }

    private static Value averagePool(Translation node) {
        var kernel = poolKernel(node);
        var windows = windows(node, kernel);
        boolean ceil = node.flag("ceil_mode", false);
        boolean countPads = node.flag("count_include_pad", false);
        return node.apply(new AveragePool(kernel, windows, ceil, countPads), node.input(0));
    }

    /// As MaxPool, with channels last.
    static Value maxPoolChannelsLast(Translation node) {
        var kernel = poolKernel(node);
        var windows = windows(node, kernel, true);
        var op = new MaxPool(kernel, windows, node.flag("ceil_mode", false), false, false);
        return channelsLast(node, node.apply(op, channelsFirst(node, node.input(0))));
    }

    private static List<Value> maxPool(Translation node) {
        var kernel = poolKernel(node);
        var windows = windows(node, kernel);
        boolean ceil = node.flag("ceil_mode", false);
        boolean columnMajor = node.flag("storage_order", false);
        return node.applyAll(
                new MaxPool(kernel, windows, ceil, columnMajor, node.wants(1)),
                List.of(node.input(0)));
    }

    private static Value globalMaxPool(Translation node) {
        var spatial = LongStream.range(2, node.rank(0)).toArray();
        return node.apply(new ReduceMax(true, true), node.input(0), node.vector(spatial));
    }

    static List<Integer> poolKernel(Translation node) {
        if (!node.hasAttribute("kernel_shape")) throw node.wrong("kernel_shape", "ints", "none");
        if (node.rank(0) < 3) throw node.wrong("X", "rank >= 3", node.type(0));
        return node.integers("kernel_shape", node.rank(0) - 2, 1);
    }

    /// {@return the windows that strides, dilations, pads and auto_pad describe}
    static List<Window> windows(Translation node, List<Integer> kernel) {
        return windows(node, kernel, false);
    }

    /// @param last whether channels are the last axis of the first input
    static List<Window> windows(Translation node, List<Integer> kernel, boolean last) {
        int spatial = kernel.size();
        var strides = node.integers("strides", spatial, 1);
        var dilations = node.integers("dilations", spatial, 1);
        var pads = node.integers("pads", 2 * spatial, 0);
        var auto = node.choice("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
        if (!auto.equals("NOTSET") && pads.stream().anyMatch(p -> p != 0))
            throw node.wrong("pads", "none beside auto_pad " + auto, pads);
        var windows = new ArrayList<Window>();
        for (int d = 0; d < spatial; d++) {
            int begin = pads.get(d);
            int end = pads.get(d + spatial);
            if (auto.startsWith("SAME")) {
                int total =
                        same(
                                node,
                                node.shape(0).get(last ? d + 1 : d + 2),
                                kernel.get(d),
                                strides.get(d),
                                dilations.get(d));
                begin = auto.equals("SAME_LOWER") ? total - total / 2 : total / 2;
                end = total - begin;
            }
            windows.add(new Window(strides.get(d), dilations.get(d), begin, end));
        }
        return windows;
    }

    /// {@return `[N, d…, C]` as `[N, C, d…]`}
    static Value channelsFirst(Translation node, Value x) {
        int rank = x.type().rank();
        var spatial = IntStream.range(1, rank - 1);
        return node.apply(new Transpose(order(IntStream.of(0, rank - 1), spatial)), x);
    }

    /// {@return `[N, C, d…]` as `[N, d…, C]`}
    static Value channelsLast(Translation node, Value x) {
        var ahead = IntStream.range(0, x.type().rank()).filter(d -> d != 1);
        return node.apply(new Transpose(order(ahead, IntStream.of(1))), x);
    }

    private static List<Integer> order(IntStream first, IntStream then) {
        return IntStream.concat(first, then).boxed().toList();
    }

    /// {@return the padding that makes the output ⌈extent / stride⌉ long}
    private static int same(
            Translation node, Dimension extent, int kernel, int stride, int dilation) {
        int taps = (kernel - 1) * dilation + 1;
        if (stride == 1) return taps - 1;
        if (!extent.isFixed()) {
            throw node.wrong(
                    "auto_pad", "NOTSET where the extent " + extent + " is a symbol", "SAME");
        }
        long places = Math.ceilDiv(extent.value(), stride);
        return (int) Math.max(0, (places - 1) * stride + taps - extent.value());
    }
}
