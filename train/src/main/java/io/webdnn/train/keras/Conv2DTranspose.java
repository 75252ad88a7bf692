package io.webdnn.train.keras;

import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.Window;
import io.webdnn.train.F;
import io.webdnn.train.function.OperatorFunction;
import java.util.ArrayList;
import java.util.List;

/// What a convolution does to gradients: `[N, H, W, C]` to `[N, H·stride, W·stride, filters]` with
/// `same` padding, to all that the windows reach with `valid`.
///
/// Weights: `kernel` `[kH, kW, filters, C]`, `bias` `[filters]`.
public final class Conv2DTranspose extends ConvolutionLayer<Conv2DTranspose> {
    /// @param filters the number of channels of the result
    /// @param kernelSize the extent of the window, on both axes or on each
    public Conv2DTranspose(int filters, int... kernelSize) {
        super(2, expectFilters(filters, "Conv2DTranspose"), kernelSize);
    }

    private boolean isSame() {
        return windows().padding() == Padding.SAME;
    }

    @Override
    int[] outputShape(int[] input) {
        expectRank(input, 3, Windows.form(2));
        if (isBuilt()) expectChannels(input, kernel().size(0));
        int[] output = {0, 0, filters()};
        for (int d = 0; d < 2; d++) {
            int stride = windows().strides()[d];
            int beyond = Math.max(windows().size()[d] - stride, 0);
            output[d] = input[d] * stride + (isSame() ? 0 : beyond);
        }
        return output;
    }

    @Override
    void build(int[] input) {
        makeKernel(order(), kernelShape(filters(), input[2]));
        makeBias(filters());
    }

    @Override
    Signal apply(Signal x) {
        var along = new ArrayList<Window>();
        var after = new ArrayList<Integer>();
        for (int d = 0; d < 2; d++) {
            int stride = windows().strides()[d];
            int beyond = windows().size()[d] - stride;
            int begin = isSame() ? Math.max(0, beyond) / 2 : 0;
            int end = isSame() ? Math.max(0, beyond) - begin : 0;
            along.add(new Window(stride, 1, begin, end));
            after.add(Math.max(0, -beyond));
        }
        var function = new OperatorFunction("Deconvolution2D", new ConvTranspose(along, 1, after));
        var y = F.apply(function, name(), withBias(x.turned(), kernel()));
        return activated(new Signal(y, true));
    }

    @Override
    void read(Settings settings) {
        super.read(settings);
        for (int rate :
                settings.has("dilation_rate") ? settings.integers("dilation_rate") : new int[0])
            if (rate != 1) throw settings.wrong("dilation_rate", "1", List.of(rate));
    }
}
