package io.webdnn.train.keras;

import io.webdnn.graph.op.Einsum;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A convolution that has other weights at each place: `[N, D…, C]` to `[N, D'…, filters]`.
///
/// Weights: `kernel` `[places, taps · C, filters]`, `bias` `[D'…, filters]`.
///
/// @param <S> the kind of layer
public abstract class LocallyConnectedLayer<S extends LocallyConnectedLayer<S>>
        extends WeightedLayer<S> {
    private final int filters;
    private final Windows windows;

    LocallyConnectedLayer(int axes, int filters, int... kernelSize) {
        this.filters = positive("filters", filters);
        this.windows = new Windows(this, "kernel size", axes, kernelSize);
    }

    /// Sets the step between windows, for all axes or for each; 1 at first.
    public final S strides(int... each) {
        windows.strides(each);
        return self();
    }

    private static int product(int[] extents) {
        return Arrays.stream(extents).reduce(1, Math::multiplyExact);
    }

    @Override
    final int[] outputShape(int[] input) {
        int[] output = windows.places(input, filters);
        if (isBuilt()) {
            int[] places = Arrays.copyOf(output, output.length - 1);
            boolean fits =
                    kernel().size(0) == product(places)
                            && kernel().size(1) == taps() * input[input.length - 1];
            if (!fits) throw wrong("input", "the shape before", Arrays.toString(input));
        }
        return output;
    }

    private int taps() {
        return product(windows.size());
    }

    @Override
    final void build(int[] input) {
        int[] output = windows.places(input, filters);
        int places = product(output) / filters;
        makeKernel(List.of(), places, taps() * input[input.length - 1], filters);
        makeBias(output);
    }

    @Override
    final Signal apply(Signal x) {
        var value = x.channelsLast();
        int[] shape = value.shape().toInts();
        int[] input = Arrays.copyOfRange(shape, 1, shape.length);
        int[] output = windows.places(input, filters);
        int channels = input[input.length - 1];
        int places = product(output) / filters;
        var flat = F.reshape(value, -1, product(input) / channels, channels);
        var taken = F.apply(new Taken(places(input, output)), name(), flat);
        var rows = F.reshape(taken, -1, places, taps() * channels);
        var each = F.apply(new Einsum("npk,pkf->npf"), rows, kernel());
        int[] whole = new int[output.length + 1];
        whole[0] = -1;
        System.arraycopy(output, 0, whole, 1, output.length);
        var y = F.reshape(each, whole);
        var bias = bias();
        return activated(Signal.of(bias == null ? y : y.plus(bias)));
    }

    /// {@return where each tap of each place stands among all elements of the spatial axes}
    private List<Integer> places(int[] input, int[] output) {
        int[] size = windows.size();
        int[] strides = windows.strides();
        int taps = taps();
        int count = product(output) / filters;
        var places = new Integer[count * taps];
        for (int i = 0; i < places.length; i++) {
            int place = i / taps;
            int tap = i % taps;
            int index = 0;
            int scale = 1;
            for (int d = size.length - 1; d >= 0; d--) {
                index += (place % output[d] * strides[d] + tap % size[d]) * scale;
                scale *= input[d];
                place /= output[d];
                tap /= size[d];
            }
            places[i] = index;
        }
        return List.of(places);
    }

    /// The elements of axis 1 at some places.
    private record Taken(List<Integer> places) implements Function {
        @Override
        public String name() {
            return "Taken";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            int[] all = places.stream().mapToInt(Integer::intValue).toArray();
            var indices = g.constant(Tensor.of(all, all.length));
            return g.applyAll(new Gather(1), List.of(inputs.getFirst(), indices));
        }
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        config.put("filters", filters);
        windows.describeConvolution(config);
        config.remove("dilation_rate");
        describeWeights(config);
    }

    @Override
    final void read(Settings settings) {
        windows.read(settings);
        if (windows.padding() != Padding.VALID)
            throw settings.wrong("padding", "valid", settings.text("padding", ""));
        super.read(settings);
    }
}
