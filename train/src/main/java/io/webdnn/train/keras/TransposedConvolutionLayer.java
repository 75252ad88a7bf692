package io.webdnn.train.keras;

import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.Window;
import io.webdnn.train.F;
import io.webdnn.train.function.OperatorFunction;
import java.util.ArrayList;
import java.util.List;

/// What a convolution does to gradients: `[N, D…, C]` to `[N, D·stride…, filters]` with `same`
/// padding, to all that the windows reach with `valid`.
///
/// Weights: `kernel` `[k…, filters, C]`, `bias` `[filters]`.
///
/// @param <S> the kind of layer
public abstract class TransposedConvolutionLayer<S extends TransposedConvolutionLayer<S>>
        extends ConvolutionLayer<S> {
    private final int axes;

    TransposedConvolutionLayer(int axes, int filters, int... kernelSize) {
        super(axes, filters, kernelSize);
        this.axes = axes;
    }

    private boolean isSame() {
        return windows().padding() == Padding.SAME;
    }

    @Override
    final int[] outputShape(int[] input) {
        expectRank(input, axes + 1, Windows.form(axes));
        if (isBuilt()) expectChannels(input, kernel().size(0));
        int[] output = new int[axes + 1];
        output[axes] = filters();
        for (int d = 0; d < axes; d++) {
            int stride = windows().strides()[d];
            int beyond = Math.max(windows().size()[d] - stride, 0);
            output[d] = input[d] * stride + (isSame() ? 0 : beyond);
        }
        return output;
    }

    @Override
    final void build(int[] input) {
        makeKernel(order(), kernelShape(filters(), input[axes]));
        makeBias(filters());
    }

    @Override
    final Signal apply(Signal x) {
        var along = new ArrayList<Window>();
        var after = new ArrayList<Integer>();
        for (int d = 0; d < axes; d++) {
            int stride = windows().strides()[d];
            int beyond = windows().size()[d] - stride;
            int begin = isSame() ? Math.max(0, beyond) / 2 : 0;
            int end = isSame() ? Math.max(0, beyond) - begin : 0;
            along.add(new Window(stride, 1, begin, end));
            after.add(Math.max(0, -beyond));
        }
        var operator = new ConvTranspose(along, 1, after);
        var function = new OperatorFunction("Deconvolution" + axes + "D", operator);
        var y = F.apply(function, name(), withBias(x.turned(), kernel()));
        return activated(new Signal(y, true));
    }

    @Override
    final void read(Settings settings) {
        super.read(settings);
        for (int rate :
                settings.has("dilation_rate") ? settings.integers("dilation_rate") : new int[0])
            if (rate != 1) throw settings.wrong("dilation_rate", "1", List.of(rate));
    }
}
