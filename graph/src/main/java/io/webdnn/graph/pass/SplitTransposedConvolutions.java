package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Before: `ConvTranspose(x, W, B)` that steps s places at a time, of known W and B.
///
/// After: a [Conv] that gives the s outputs between two inputs as channels, its filters every s-th
/// tap of W from behind, and a [Transpose] that puts them side by side:
///
/// `y[s·a + r − pad] = Σ_j x[a − j] · W[s·j + r] = Conv(x, W′)[r, a]`
///
/// A transposed convolution asks of every tap whether it meets an input, and s − 1 of s do not; a
/// convolution has no such question, and templates of its own. Filters whose extent is no multiple
/// of s get zeros; those with fewer taps than s stay.
///
/// Source: Shi et al., *Is the deconvolution layer the same as a convolutional layer?*, 2016.
public record SplitTransposedConvolutions() implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return graph.rewrite(SplitTransposedConvolutions::split);
    }

    private static List<? extends Operand> split(Node node, Operators g) {
        if (!(node.op() instanceof ConvTranspose op)) return node.outputs();
        var w = node.input(1).constant();
        boolean hasBias = node.inputs().size() > 2 && !node.input(2).isAbsent();
        var bias = hasBias ? node.input(2).constant() : null;
        if (w == null || hasBias && bias == null || !isSplit(op.windows(), w.toShape()))
            return node.outputs();
        var phases = new Phases(op, w);
        var inputs = new ArrayList<Operand>();
        inputs.add(node.input(0));
        inputs.add(g.constant(phases.filters()));
        if (bias != null) inputs.add(g.constant(phases.repeated(bias)));
        var z = g.apply(new Conv(phases.windows(), op.group()), inputs.toArray(Operand[]::new));
        return List.of(phases.joined(z, node.outputs().getFirst(), g));
    }

    /// Whether some window steps, and each has a tap for every phase.
    private static boolean isSplit(List<Window> windows, Shape w) {
        boolean steps = false;
        for (int d = 0; d < windows.size(); d++) {
            var window = windows.get(d);
            if (window.dilation() > 1 || window.padBegin() < 0 || window.stride() > w.size(d + 2))
                return false;
            steps |= window.stride() > 1;
        }
        return steps;
    }

    /// The outputs between two inputs, s along each axis.
    private record Phases(ConvTranspose op, Tensor w) {
        private int axes() {
            return op.windows().size();
        }

        private int stride(int axis) {
            return op.windows().get(axis).stride();
        }

        private int kernel(int axis) {
            return w.toShape().size(axis + 2);
        }

        /// {@return how many taps a phase has}
        private int taps(int axis) {
            return Math.ceilDiv(kernel(axis), stride(axis));
        }

        private int phases() {
            int product = 1;
            for (int d = 0; d < axes(); d++) product *= stride(d);
            return product;
        }

        /// {@return the windows of the convolution: up to the last place that an output is made of}
        List<Window> windows() {
            var windows = new ArrayList<Window>();
            for (int d = 0; d < axes(); d++) {
                var window = op.windows().get(d);
                int behind = kernel(d) - 1 - window.padEnd() + op.outputPadding().get(d);
                windows.add(new Window(1, 1, taps(d) - 1, Math.floorDiv(behind, window.stride())));
            }
            return windows;
        }

        /// {@return the filters `[M · phases, C / group, taps…]`}
        Tensor filters() {
            int channels = w.toShape().size(0) / op.group();
            int outputs = w.toShape().size(1);
            var shape = new int[axes() + 2];
            shape[0] = outputs * op.group() * phases();
            shape[1] = channels;
            for (int d = 0; d < axes(); d++) shape[d + 2] = taps(d);
            var filters = Tensor.zeros(w.dtype(), shape);
            var at = new int[shape.length];
            for (int i = 0; i < filters.size(); i++) {
                int rest = i;
                for (int d = at.length - 1; d >= 0; d--) {
                    at[d] = rest % shape[d];
                    rest /= shape[d];
                }
                int filter = at[0] / phases();
                int phase = at[0] % phases();
                int from = filter / outputs * channels + at[1];
                from = from * outputs + filter % outputs;
                boolean isTap = true;
                int divisor = phases();
                for (int d = 0; d < axes(); d++) {
                    divisor /= stride(d);
                    int tap = stride(d) * (taps(d) - 1 - at[d + 2]) + phase / divisor % stride(d);
                    isTap &= tap < kernel(d);
                    from = from * kernel(d) + tap;
                }
                if (isTap) filters.setDouble(i, w.getDouble(from));
            }
            return filters;
        }

        Tensor repeated(Tensor bias) {
            var repeated = Tensor.zeros(bias.dtype(), bias.size() * phases());
            for (int i = 0; i < repeated.size(); i++)
                repeated.setDouble(i, bias.getDouble(i / phases()));
            return repeated;
        }

        /// {@return `z[n, m · phases, a…]` as `y[n, m, o…]`}
        Operand joined(Operand z, Value y, Operators g) {
            var places = z.type().shape();
            var apart =
                    new ArrayList<Dimension>(
                            List.of(y.type().shape().get(0), y.type().shape().get(1)));
            var order = new ArrayList<Integer>(List.of(0, 1));
            var together = new ArrayList<Dimension>(apart);
            for (int d = 0; d < axes(); d++) apart.add(Dimension.of(stride(d)));
            for (int d = 0; d < axes(); d++) {
                apart.add(places.get(d + 2));
                order.add(2 + axes() + d);
                order.add(2 + d);
                together.add(places.get(d + 2).times(stride(d)));
            }
            var phased = g.apply(new Reshape(true), z, g.vector(apart));
            var side = g.apply(new Transpose(order), phased);
            var whole = g.apply(new Reshape(true), side, g.vector(together));
            var begins = new ArrayList<Dimension>();
            var ends = new ArrayList<Dimension>();
            var axes = new long[axes()];
            for (int d = 0; d < axes(); d++) {
                var begin = Dimension.of(op.windows().get(d).padBegin());
                begins.add(begin);
                ends.add(begin.plus(y.type().shape().get(d + 2)));
                axes[d] = d + 2L;
            }
            return g.apply(new Slice(), whole, g.vector(begins), g.vector(ends), g.vector(axes));
        }
    }
}
