package io.webdnn.train.link;

import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Window;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.Link;
import io.webdnn.train.Parameter;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.initializer.Initializer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Convolution of images: `[N, C, H, W]` to `[N, M, …]`.
///
/// Parameters: `W` `[M, C / group, k, k]`, drawn by [Initializer#LECUN_NORMAL], and `b` `[M]`,
/// zeros. The number of input channels is taken from the first call.
///
/// ```java
/// new Convolution2D(32, 3)                      // out channels, kernel
/// Convolution2D.with(32, 3).stride(2).pad(1)    // and more
/// ```
public final class Convolution2D extends Link {
    private final int outChannels;
    private final int kernel;
    private final Options options;
    private final Function function;
    private final Parameter weight;
    private final @Nullable Parameter bias;

    private record Options(
            int stride, int pad, int dilation, int group, boolean bias, Initializer initializer) {
        private static final Options PLAIN =
                new Options(1, 0, 1, 1, true, Initializer.LECUN_NORMAL);
    }

    /// A convolution with stride 1 and without padding.
    ///
    /// @param outChannels the number of channels of the *output*
    /// @param kernel the extent of the window, on both axes
    public Convolution2D(int outChannels, int kernel) {
        this(outChannels, kernel, Options.PLAIN);
    }

    private Convolution2D(int outChannels, int kernel, Options options) {
        if (outChannels < 1)
            throw TrainingException.of("Convolution2D", "out channels", ">= 1", outChannels);
        if (kernel < 1) throw TrainingException.of("Convolution2D", "kernel", ">= 1", kernel);
        if (outChannels % options.group != 0) {
            throw TrainingException.of(
                    "Convolution2D",
                    "group",
                    "a divisor of " + outChannels + " out channels",
                    options.group);
        }
        this.outChannels = outChannels;
        this.kernel = kernel;
        this.options = options;
        var window = new Window(options.stride, options.dilation, options.pad, options.pad);
        function = F.convolution(new Conv(List.of(window, window), options.group));
        weight = parameter("W", options.initializer, outChannels, Parameter.OPEN, kernel, kernel);
        bias = options.bias ? parameter("b", Initializer.ZERO, outChannels) : null;
    }

    /// {@return a convolution, to be refined by the methods below}
    public static Convolution2D with(int outChannels, int kernel) {
        return new Convolution2D(outChannels, kernel);
    }

    private Convolution2D with(Options changed) {
        return new Convolution2D(outChannels, kernel, changed);
    }

    /// {@return such a link with another step between windows}
    public Convolution2D stride(int stride) {
        var o = options;
        return with(new Options(stride, o.pad, o.dilation, o.group, o.bias, o.initializer));
    }

    /// {@return such a link with so many zeros on each side}
    public Convolution2D pad(int pad) {
        var o = options;
        return with(new Options(o.stride, pad, o.dilation, o.group, o.bias, o.initializer));
    }

    /// {@return such a link with another distance of neighbouring taps}
    public Convolution2D dilation(int dilation) {
        var o = options;
        return with(new Options(o.stride, o.pad, dilation, o.group, o.bias, o.initializer));
    }

    /// {@return such a link whose channels are convolved in groups}
    public Convolution2D group(int group) {
        var o = options;
        return with(new Options(o.stride, o.pad, o.dilation, group, o.bias, o.initializer));
    }

    /// {@return such a link without `b`}
    public Convolution2D withoutBias() {
        var o = options;
        return with(new Options(o.stride, o.pad, o.dilation, o.group, false, o.initializer));
    }

    /// {@return such a link whose W is drawn by another law}
    public Convolution2D initializer(Initializer initializer) {
        var o = options;
        return with(new Options(o.stride, o.pad, o.dilation, o.group, o.bias, initializer));
    }

    @Override
    public Variable call(Variable x) {
        if (!weight.isInitialized()) {
            if (x.shape().rank() != 4 || x.size(1) % options.group != 0) {
                throw TrainingException.of(
                        toString(),
                        "x",
                        "[N, C, H, W]"
                                + (options.group > 1
                                        ? " with C a multiple of " + options.group
                                        : ""),
                        x.type());
            }
            weight.initialize(outChannels, x.size(1) / options.group, kernel, kernel);
        }
        if (bias == null) return F.apply(function, name(), x, weight);
        bias.initialize(outChannels);
        return F.apply(function, name(), x, weight, bias);
    }
}
