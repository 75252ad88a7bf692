package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Window;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// `Conv(x, W)` where the known W is 0 but at every d-th tap of an axis becomes the convolution of
/// these taps with dilation d: a 9 × 9 window of which 9 numbers are not 0 becomes 3 × 3.
///
/// Converters write dilated convolutions of TensorFlow so. What was multiplied with 0 is no longer
/// read, be it finite or not.
public record FindDilations() implements Pass {
    /// The axes of `[M, C/group, spatial…]` before the taps.
    private static final int CHANNELS = 2;

    @Override
    public Graph apply(Graph graph) {
        return graph.rewrite(FindDilations::find);
    }

    private static List<? extends Operand> find(Node node, Operators g) {
        if (!(node.op() instanceof Conv(var windows, int group))) return node.outputs();
        var weights = node.input(1).constant();
        if (weights == null || !weights.dtype().isFloat()) return node.outputs();
        var found = new ArrayList<Window>();
        var taps = weights;
        for (int d = 0; d < windows.size(); d++) {
            var window = windows.get(d);
            int distance = distance(taps, d + CHANNELS);
            taps = every(distance, taps, d + CHANNELS);
            found.add(
                    new Window(
                            window.stride(),
                            window.dilation() * distance,
                            window.padBegin(),
                            window.padEnd()));
        }
        if (found.equals(windows)) return node.outputs();
        var inputs = new ArrayList<Operand>(node.inputs());
        inputs.set(1, g.constant(taps));
        return g.applyAll(new Conv(found, group), inputs);
    }

    /// {@return the largest number that divides the last place along an axis and all places where
    /// an element is not 0; 1 if there are none}
    private static int distance(Tensor tensor, int axis) {
        int extent = tensor.shape()[axis];
        if (extent < 3) return 1; // nothing lies between taps
        int distance = 0;
        int inner = inner(tensor, axis);
        boolean isZero = true;
        for (int i = 0; i < tensor.size() && distance != 1; i++) {
            if (tensor.getDouble(i) == 0) continue;
            isZero = false;
            distance = gcd(distance, i / inner % extent);
        }
        return isZero ? 1 : Math.max(1, gcd(distance, extent - 1));
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private static int inner(Tensor tensor, int axis) {
        int inner = 1;
        for (int d = axis + 1; d < tensor.rank(); d++) inner *= tensor.shape()[d];
        return inner;
    }

    /// {@return the slices at multiples of a distance}
    private static Tensor every(int distance, Tensor tensor, int axis) {
        if (distance == 1) return tensor;
        int extent = tensor.shape()[axis];
        int inner = inner(tensor, axis);
        var shape = tensor.shape().clone();
        shape[axis] = (extent - 1) / distance + 1;
        var slices = Tensor.zeros(tensor.dtype(), shape);
        for (int i = 0; i < slices.size(); i++) {
            int outer = i / inner / shape[axis];
            int place = i / inner % shape[axis] * distance;
            slices.setDouble(i, tensor.getDouble((outer * extent + place) * inner + i % inner));
        }
        return slices;
    }
}
