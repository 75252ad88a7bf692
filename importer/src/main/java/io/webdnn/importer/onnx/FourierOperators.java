package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Transpose;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;

/// Fourier transforms as products with a matrix of sines and cosines. Complex numbers are a last
/// axis of 2.
final class FourierOperators {
    private FourierOperators() {}

    /// Before opset 20, the axis is an attribute.
    static Value transform(Translation node) {
        int rank = node.rank(0);
        boolean inverse = node.flag("inverse", false);
        boolean onesided = node.flag("onesided", false);
        long given =
                node.opset() < 20
                        ? node.integer("axis", 1)
                        : node.has(2) ? node.known(2, "axis").getLong(0) : -2;
        int axis = (int) (given < 0 ? given + rank : given);
        if (axis < 0 || axis >= rank - 1)
            throw node.wrong("axis", "-" + rank + " ... " + (rank - 2) + " without -1", given);
        int parts = parts(node);
        int extent = node.fixed(0, axis);
        boolean toReal = inverse && onesided;
        long length = toReal ? 2L * (extent - 1) : extent;
        if (node.has(1)) length = node.known(1, "dft_length").getLong(0);
        var table = table(node, extent, parts, length, inverse, onesided, toReal);
        // [rest…, extent, parts], the axis being the last of the signal's
        var order = new ArrayList<Integer>();
        for (int d = 0; d < rank; d++) if (d != axis && d != rank - 1) order.add(d);
        order.add(axis);
        order.add(rank - 1);
        var moved = node.apply(new Transpose(order), node.input(0));
        var result = product(node, moved, table, toReal ? 1 : 2);
        var back = new ArrayList<>(Collections.nCopies(rank, 0));
        for (int d = 0; d < rank; d++) back.set(order.get(d), d);
        return node.apply(new Transpose(back), result);
    }

    /// {@return the extent of the last axis: 1 for real, 2 for complex numbers}
    private static int parts(Translation node) {
        int parts = node.fixed(0, node.rank(0) - 1);
        if (parts != 1 && parts != 2)
            throw node.wrong("input", "1 or 2 on the last axis", node.type(0));
        return parts;
    }

    /// {@return x `[…, n, parts]` times a table `[n · parts, k · outParts]`: `[…, k, outParts]`}
    private static Value product(Translation node, Value x, Tensor table, int outParts) {
        int rank = x.type().rank();
        var rows = new ArrayList<Long>(Collections.nCopies(rank - 2, 0L));
        rows.add((long) table.shape()[0]);
        var flat = node.apply(new Reshape(), x, node.vector(rows));
        var y = node.apply(new MatMul(), flat, node.constant(table));
        var shape = new ArrayList<Long>(Collections.nCopies(rank - 2, 0L));
        shape.add((long) table.shape()[1] / outParts);
        shape.add((long) outParts);
        return node.apply(new Reshape(), y, node.vector(shape));
    }

    /// {@return what each number of the signal adds to each of the result}
    ///
    /// @param extent of the signal; what is behind `length` does not count, what lacks is 0
    /// @param toReal whether the signal is the first half of a spectrum whose inverse is real
    private static Tensor table(
            Translation node,
            int extent,
            int parts,
            long length,
            boolean inverse,
            boolean onesided,
            boolean toReal) {
        if (length < 1) throw node.wrong("dft_length", ">= 1", length);
        long results = onesided && !toReal ? length / 2 + 1 : length;
        int outParts = toReal ? 1 : 2;
        var dtype = node.type(0).dtype();
        var table = node.zeros("dft_length", dtype, (long) extent * parts, results, outParts);
        int columns = (int) results * outParts;
        table = table.reshape(extent * parts, columns);
        for (int n = 0; n < Math.min(extent, length); n++) {
            double weight = inverse ? 1.0 / length : 1;
            if (toReal && n > 0 && 2L * n != length) weight *= 2; // and its conjugate
            if (toReal && 2L * n > length) weight = 0;
            for (int k = 0; k < results; k++) {
                // The product may be long; its turn is not.
                double angle = 2 * Math.PI * ((long) n * k % length) / length;
                double cos = weight * Math.cos(angle);
                double sin = weight * Math.sin(inverse ? angle : -angle);
                int at = n * parts * columns + k * outParts;
                table.setDouble(at, cos);
                if (!toReal) table.setDouble(at + 1, sin);
                if (parts == 1) continue;
                table.setDouble(at + columns, -sin);
                if (!toReal) table.setDouble(at + columns + 1, cos);
            }
        }
        return table;
    }

    /// The transform of each frame of a signal.
    static Value shortTime(Translation node) {
        var signal = node.input(0);
        boolean isFlat = node.rank(0) == 2;
        if (isFlat) signal = node.apply(new Reshape(), signal, node.vector(0, -1, 1));
        if (signal.type().rank() != 3) throw node.wrong("signal", "rank 2 or 3", node.type(0));
        int parts = isFlat ? 1 : parts(node);
        int samples = node.fixed(0, 1);
        long step = node.known(1, "frame_step").getLong(0);
        if (step < 1) throw node.wrong("frame_step", ">= 1", step);
        int length =
                node.has(3)
                        ? Math.toIntExact(node.known(3, "frame_length").getLong(0))
                        : node.has(2) ? node.fixed(2, 0) : samples;
        if (length < 1 || length > samples)
            throw node.wrong("frame_length", "1 ... " + samples, length);
        int frames = Math.toIntExact((samples - length) / step + 1);
        var places = node.zeros("frame_step", DType.INT64, frames, length);
        for (int i = 0; i < frames * length; i++) places.setLong(i, i / length * step + i % length);
        var framed = node.apply(new Gather(1), signal, node.constant(places));
        if (node.has(2)) {
            var window = node.apply(new Reshape(), node.input(2), node.vector(-1, 1));
            framed = node.mul(framed, window);
        }
        boolean onesided = node.flag("onesided", true);
        var table = table(node, length, parts, length, false, onesided, false);
        return product(node, framed, table, 2);
    }
}
