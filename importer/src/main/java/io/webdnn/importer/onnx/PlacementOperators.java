package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Mod;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.ScatterElements;
import io.webdnn.graph.op.Window;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Operators that put elements back where others took them from.
final class PlacementOperators {
    private static final int MOST_ELEMENTS = 1 << 26;

    private PlacementOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Col2Im", single(PlacementOperators::columnsToImage));
        table.put("MaxUnpool", single(PlacementOperators::maxUnpool));
        table.put("TensorScatter", single(PlacementOperators::tensorScatter));
    }

    /// Blocks, added where they overlap: a transposed convolution whose weights are 1 at one tap.
    private static Value columnsToImage(Translation node) {
        var image = node.knownIntegers(1, "image_shape");
        var block = node.knownIntegers(2, "block_shape");
        int spatial = image.length;
        if (node.real(0).type().rank() != 3) throw node.wrong("input", "rank 3", node.type(0));
        if (block.length != spatial)
            throw node.wrong("block_shape", spatial + " extents", block.length);
        var strides = node.integers("strides", spatial, 1);
        var dilations = node.integers("dilations", spatial, 1);
        var pads = node.integers("pads", 2 * spatial, 0);
        var windows = new ArrayList<Window>();
        var behind = new ArrayList<Integer>();
        var shape = new ArrayList<Long>(List.of(0L, 0L));
        long columns = 1;
        long taps = 1;
        for (int d = 0; d < spatial; d++) {
            var window =
                    new Window(
                            strides.get(d), dilations.get(d), pads.get(d), pads.get(d + spatial));
            long extent = (block[d] - 1) * dilations.get(d) + 1;
            long room = image[d] + pads.get(d) + pads.get(d + spatial) - extent;
            if (block[d] < 1 || block[d] > MOST_ELEMENTS || room < 0)
                throw node.wrong("image_shape", "room for a block of " + block[d], image[d]);
            long places = room / strides.get(d) + 1;
            windows.add(window);
            behind.add(Math.toIntExact(room % strides.get(d)));
            shape.add(places);
            columns *= places;
            taps *= block[d];
        }
        int channels = node.fixed(0, 1);
        if (channels % taps != 0 || node.fixed(0, 2) != columns)
            throw node.wrong("input", "a multiple of " + taps + " by " + columns, node.type(0));
        if (channels * taps > MOST_ELEMENTS)
            throw node.wrong("block_shape", "at most 2^26 weights", channels * taps);
        var kernel = new int[spatial + 2];
        kernel[0] = channels;
        kernel[1] = 1;
        for (int d = 0; d < spatial; d++) kernel[d + 2] = Math.toIntExact(block[d]);
        var dtype = node.type(0).dtype();
        boolean isWhole = !dtype.isFloat() && dtype.bits() <= 32; // exact in float64
        var weights = Tensor.zeros(isWhole ? DType.FLOAT64 : dtype, kernel);
        for (int c = 0; c < channels; c++) weights.setDouble((int) (c * taps + c % taps), 1);
        var blocks = node.apply(new Reshape(), node.input(0), node.vector(shape));
        blocks = node.cast(blocks, weights.dtype());
        int group = Math.toIntExact(channels / taps);
        var sums =
                node.apply(
                        new ConvTranspose(windows, group, behind), blocks, node.constant(weights));
        // Through int64, so that what is too large wraps, as sums of integers do.
        return isWhole ? node.cast(node.cast(sums, DType.INT64), dtype) : sums;
    }

    /// The places of maxima hold them, others 0. Places count in the shape that the pooling had; a
    /// larger `output_shape` has more zeros behind.
    private static Value maxUnpool(Translation node) {
        var kernel = WindowOperators.poolKernel(node);
        int rank = node.rank(0);
        var strides = node.integers("strides", kernel.size(), 1);
        var pads = node.integers("pads", 2 * kernel.size(), 0);
        var shape = new long[rank];
        for (int axis = 0; axis < rank; axis++) {
            int d = axis - 2;
            shape[axis] =
                    d < 0
                            ? node.fixed(0, axis)
                            : (node.fixed(0, axis) - 1L) * strides.get(d)
                                    + kernel.get(d)
                                    - pads.get(d)
                                    - pads.get(d + kernel.size());
        }
        var nothing = node.zeros("X", node.type(0).dtype(), shape);
        var flat = node.vector(-1);
        var scattered =
                node.apply(
                        new ScatterElements(0, Push.Combine.REPLACE),
                        node.constant(nothing.reshape(nothing.size())),
                        node.apply(new Reshape(), node.input(1), flat),
                        node.apply(new Reshape(), node.input(0), flat));
        var y = node.apply(new Reshape(), scattered, node.vector(shape));
        if (!node.has(2)) return y;
        var wanted = node.knownIntegers(2, "output_shape");
        if (wanted.length != rank)
            throw node.wrong("output_shape", rank + " extents", wanted.length);
        var behind = new long[2 * rank];
        for (int axis = 0; axis < rank; axis++) {
            if (wanted[axis] < shape[axis])
                throw node.wrong("output_shape", ">= " + shape[axis], wanted[axis]);
            behind[rank + axis] = wanted[axis] - shape[axis];
        }
        return node.apply(new Pad(Pad.Mode.CONSTANT), y, node.vector(behind));
    }

    /// A cache with an update written into each of its sequences, from an index on.
    private static Value tensorScatter(Translation node) {
        int rank = node.rank(0);
        int axis = node.axis("axis", -2, rank);
        boolean isCircular = node.choice("mode", "linear", "circular").equals("circular");
        if (axis == 0 || node.rank(1) != rank)
            throw node.wrong("update", "rank " + rank + ", an axis > 0", node.type(1));
        int steps = node.fixed(1, axis);
        var index = node.count(rank, axis, steps);
        if (node.has(2)) {
            var shape = new long[rank];
            Arrays.fill(shape, 1);
            shape[0] = -1;
            var starts = node.apply(new Reshape(), node.input(2), node.vector(shape));
            index = node.add(index, node.cast(starts, DType.INT32));
        }
        if (isCircular)
            index =
                    node.apply(
                            new Mod(false), index, node.scalar(DType.INT32, node.fixed(0, axis)));
        var whole = new long[rank];
        for (int d = 0; d < rank; d++) whole[d] = node.fixed(1, d);
        return node.apply(
                new ScatterElements(axis, Push.Combine.REPLACE),
                node.input(0),
                node.apply(new Expand(), index, node.vector(whole)),
                node.input(1));
    }
}
