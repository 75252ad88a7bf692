package io.webdnn.graph.gradient;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.ConvWeightGradient;
import io.webdnn.graph.op.LoadAdjoint;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Gradients of convolutions: the input's is the transposed convolution (and the other way round),
/// the weights' a contraction over batch and places.
final class ConvolutionGradients {
    private ConvolutionGradients() {}

    static List<@Nullable Value> of(Conv conv, Use use) {
        var gradients = use.none();
        if (use.needs(0)) gradients[0] = input(conv, use);
        if (use.needs(1)) {
            gradients[1] =
                    use.apply(
                            new ConvWeightGradient(conv.windows(), conv.group(), kernel(use)),
                            use.input(0),
                            use.seed());
        }
        if (use.needs(2)) gradients[2] = bias(use);
        return Arrays.asList(gradients);
    }

    private static Value input(Conv conv, Use use) {
        var x = use.input(0).type().shape();
        var y = use.seed().type().shape();
        var kernel = kernel(use);
        var padding = new ArrayList<Integer>();
        for (int d = 0; d < kernel.size(); d++) {
            var window = conv.windows().get(d);
            // What the last window left over: the transposed convolution cannot know it.
            var reached =
                    y.get(d + 2)
                            .plus(-1)
                            .times(window.stride())
                            .plus((long) (kernel.get(d) - 1) * window.dilation() + 1)
                            .plus(-window.padBegin() - window.padEnd());
            var rest = x.get(d + 2).minus(reached);
            if (!rest.isFixed()) return derived(conv, use);
            padding.add((int) rest.value());
        }
        return use.apply(
                new ConvTranspose(conv.windows(), conv.group(), padding), use.seed(), use.input(1));
    }

    /// For a symbolic extent whose remainder is not known: from the lowering.
    private static Value derived(Op conv, Use use) {
        var operands = new ArrayList<Operand>(use.node().inputs());
        operands.add(use.seed());
        int count = use.node().inputs().size();
        return use.apply(new LoadAdjoint(conv, count, 0, LoadAdjoint.PULLED), operands);
    }

    static List<@Nullable Value> of(ConvTranspose conv, Use use) {
        var gradients = use.none();
        var windows = new ArrayList<Window>();
        for (int d = 0; d < conv.windows().size(); d++) {
            var window = conv.windows().get(d);
            windows.add(
                    new Window(
                            window.stride(),
                            window.dilation(),
                            window.padBegin(),
                            window.padEnd() - conv.outputPadding().get(d)));
        }
        if (use.needs(0)) {
            gradients[0] = use.apply(new Conv(windows, conv.group()), use.seed(), use.input(1));
        }
        if (use.needs(1)) {
            gradients[1] =
                    use.apply(
                            new ConvWeightGradient(windows, conv.group(), kernel(use)),
                            use.seed(),
                            use.input(0));
        }
        if (use.needs(2)) gradients[2] = bias(use);
        return Arrays.asList(gradients);
    }

    private static List<Integer> kernel(Use use) {
        var w = use.input(1).type().shape();
        var kernel = new ArrayList<Integer>();
        for (int d = 2; d < w.rank(); d++) kernel.add(w.size(d));
        return kernel;
    }

    private static Value bias(Use use) {
        int rank = use.seed().type().rank();
        var others = LongStream.range(0, rank).filter(d -> d != 1).toArray();
        return use.apply(new ReduceSum(false), use.seed(), use.g().vector(others));
    }
}
