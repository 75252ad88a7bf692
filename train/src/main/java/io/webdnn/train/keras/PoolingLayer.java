package io.webdnn.train.keras;

import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Window;
import io.webdnn.train.F;
import io.webdnn.train.function.OperatorFunction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One number for each window of each channel: `[N, D…, C]` to `[N, D'…, C]`.
///
/// @param <S> the kind of layer
public abstract class PoolingLayer<S extends PoolingLayer<S>> extends FluentLayer<S> {
    private final Windows windows;

    PoolingLayer(int axes, int... poolSize) {
        windows = new Windows(this, "pool size", axes, poolSize);
        windows.strides(windows.size());
    }

    /// Sets the step between windows, for all axes or for each; the pool size at first.
    public final S strides(int... each) {
        windows.strides(each);
        return self();
    }

    /// Sets what happens at the edges: `valid` at first, or `same`.
    public final S padding(String name) {
        windows.padding(name);
        return self();
    }

    /// {@return what is computed}
    abstract Op operator(List<Integer> size, List<Window> over);

    @Override
    final int[] outputShape(int[] input) {
        return windows.places(input, input.length == 0 ? 0 : input[input.length - 1]);
    }

    @Override
    final Signal apply(Signal x) {
        var turned = x.turned();
        var op = operator(Windows.list(windows.size()), windows.over(turned));
        return new Signal(F.apply(new OperatorFunction(kind(), op), name(), turned), true);
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        windows.describePool(config);
    }

    @Override
    final void read(Settings settings) {
        windows.read(settings);
    }
}
