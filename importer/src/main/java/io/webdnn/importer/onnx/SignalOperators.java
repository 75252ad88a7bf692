package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.GridSample;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.RoiAlign;
import io.webdnn.graph.op.Transpose;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/// Sampling at places that are data, and signals: windows, filter banks.
final class SignalOperators {
    private SignalOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("AffineGrid", single(SignalOperators::affineGrid));
        table.put("BlackmanWindow", window(x -> 0.42 - Math.cos(x) / 2 + 0.08 * Math.cos(2 * x)));
        table.put("DFT", single(FourierOperators::transform));
        table.put("GridSample", single(SignalOperators::gridSample));
        table.put("HammingWindow", window(x -> 25.0 / 46 - 21.0 / 46 * Math.cos(x)));
        table.put("HannWindow", window(x -> 0.5 - Math.cos(x) / 2));
        table.put("MelWeightMatrix", single(SignalOperators::melWeights));
        table.put("RoiAlign", single(SignalOperators::roiAlign));
        table.put("STFT", single(FourierOperators::shortTime));
    }

    /// Before opset 20, the modes have the names of two dimensions.
    private static Value gridSample(Translation node) {
        var modes =
                node.opset() < 20
                        ? new String[] {"bilinear", "nearest", "bicubic"}
                        : new String[] {"linear", "nearest", "cubic"};
        var mode =
                switch (node.choice("mode", modes)) {
                    case "nearest" -> GridSample.Mode.NEAREST;
                    case "cubic", "bicubic" -> GridSample.Mode.CUBIC;
                    default -> GridSample.Mode.LINEAR;
                };
        var padding =
                switch (node.choice("padding_mode", "zeros", "border", "reflection")) {
                    case "border" -> GridSample.Padding.BORDER;
                    case "reflection" -> GridSample.Padding.REFLECTION;
                    default -> GridSample.Padding.ZEROS;
                };
        var op = new GridSample(mode, padding, node.flag("align_corners", false));
        var x = node.input(0);
        var dtype = x.type().dtype();
        boolean isWhole = !dtype.isFloat() && dtype.bits() <= 32; // exact in float64
        if (!isWhole || mode != GridSample.Mode.NEAREST) return node.apply(op, x, node.input(1));
        var wide = dtype.bits() > 16 ? DType.FLOAT64 : DType.FLOAT32;
        return node.cast(node.apply(op, node.cast(x, wide), node.input(1)), dtype);
    }

    /// Before opset 16, the centre of the first element is at 0.
    private static Value roiAlign(Translation node) {
        boolean isOld = node.opset() < 16;
        boolean halfPixel =
                !isOld
                        && node.choice(
                                        "coordinate_transformation_mode",
                                        "half_pixel",
                                        "output_half_pixel")
                                .equals("half_pixel");
        var op =
                new RoiAlign(
                        node.choice("mode", "avg", "max").equals("max"),
                        Math.toIntExact(node.integer("output_height", 1)),
                        Math.toIntExact(node.integer("output_width", 1)),
                        Math.toIntExact(node.integer("sampling_ratio", 0)),
                        node.real("spatial_scale", 1),
                        halfPixel);
        return node.apply(op, node.input(0), node.input(1), node.input(2));
    }

    /// The places of a grid, each a product of theta with `(x, y, …, 1)`.
    private static Value affineGrid(Translation node) {
        var size = node.knownIntegers(1, "size");
        int spatial = size.length - 2;
        if (spatial != 2 && spatial != 3) throw node.wrong("size", "4 or 5 extents", size.length);
        boolean aligned = node.flag("align_corners", false);
        var dtype = node.type(0).dtype();
        var extents = Arrays.copyOfRange(size, 2, size.length + 1);
        extents[spatial] = spatial + 1L;
        for (long extent : extents)
            if (extent < 1) throw node.wrong("size", "extents >= 1", extent);
        var cells = node.zeros("size", dtype, extents);
        int places = cells.size() / (spatial + 1);
        var base = cells.reshape(places, spatial + 1);
        for (int i = 0; i < places; i++) {
            long rest = i;
            for (int d = spatial - 1; d >= 0; d--) {
                long extent = size[d + 2];
                double at = rest % extent;
                rest /= extent;
                double place = aligned ? aligned(at, extent) : (2 * at + 1) / extent - 1;
                base.setDouble(i * (spatial + 1) + spatial - 1 - d, place);
            }
            base.setDouble(i * (spatial + 1) + spatial, 1);
        }
        var columns = node.apply(new Transpose(List.of(0, 2, 1)), node.input(0));
        var grid = node.apply(new MatMul(), node.constant(base), columns);
        var shape = new long[size.length];
        shape[0] = size[0];
        System.arraycopy(size, 2, shape, 1, spatial);
        shape[size.length - 1] = spatial;
        return node.apply(new Reshape(), grid, node.vector(shape));
    }

    private static double aligned(double at, long extent) {
        return extent == 1 ? 0 : 2 * at / (extent - 1) - 1;
    }

    /// A window of a size that is known when compiling, a constant.
    private static Operator window(DoubleUnaryOperator of) {
        return single(node -> {
            long size = node.known(0, "size").getLong(0);
            boolean periodic = node.flag("periodic", true);
            var window = node.zeros("size", node.dtype("output_datatype", DType.FLOAT32), size);
            double period = periodic ? size : size - 1;
            for (int i = 0; i < size; i++) {
                window.setDouble(i, of.applyAsDouble(period == 0 ? 0 : 2 * Math.PI * i / period));
            }
            return node.constant(window);
        });
    }

    /// Triangles at equal distances on the mel scale, a constant.
    private static Value melWeights(Translation node) {
        int bins = Math.toIntExact(node.known(0, "num_mel_bins").getLong(0));
        int length = Math.toIntExact(node.known(1, "dft_length").getLong(0));
        double rate = node.known(2, "sample_rate").getDouble(0);
        double low = mel(node.known(3, "lower_edge_hertz").getDouble(0));
        double high = mel(node.known(4, "upper_edge_hertz").getDouble(0));
        int frequencies = length / 2 + 1;
        if (bins < 1 || length < 1)
            throw node.wrong("num_mel_bins, dft_length", "1 or more", Math.min(bins, length));
        var dtype = node.dtype("output_datatype", DType.FLOAT32);
        var weights = node.zeros("num_mel_bins, dft_length", dtype, frequencies, bins);
        var edges = new int[bins + 2];
        for (int i = 0; i < edges.length; i++) {
            double hertz = 700 * (Math.pow(10, (low + (high - low) * i / (bins + 2)) / 2595) - 1);
            edges[i] = (int) Math.floor((length + 1) * hertz / rate);
        }
        for (int bin = 0; bin < bins; bin++) {
            int begin = edges[bin];
            int top = edges[bin + 1];
            int end = edges[bin + 2];
            for (int f = Math.max(0, begin); f < Math.min(frequencies, end); f++) {
                double weight =
                        f < top
                                ? (f - begin) / (double) (top - begin)
                                : (end - f) / (double) (end - top);
                weights.setDouble(f * bins + bin, weight);
            }
            if (top >= 0 && top < frequencies) weights.setDouble(top * bins + bin, 1);
        }
        return node.constant(weights);
    }

    private static double mel(double hertz) {
        return 2595 * Math.log10(1 + hertz / 700);
    }
}
