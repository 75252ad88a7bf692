package io.webdnn.train.keras;

import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.train.F;
import io.webdnn.train.function.ReductionFunction;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One number for each channel: `[N, D…, C]` to `[N, C]`.
///
/// @param <S> the kind of layer
public abstract class GlobalPoolingLayer<S extends GlobalPoolingLayer<S>> extends FluentLayer<S> {
    private final int axes;
    private final boolean maximum;

    GlobalPoolingLayer(int axes, boolean maximum) {
        this.axes = axes;
        this.maximum = maximum;
    }

    @Override
    final int[] outputShape(int[] input) {
        expectRank(input, axes + 1, Windows.form(axes));
        return new int[] {input[axes]};
    }

    @Override
    final Signal apply(Signal x) {
        var reduced = new ArrayList<Integer>();
        for (int d = 1; d < axes + 2; d++) if (d != x.channelAxis()) reduced.add(d);
        var reduction = maximum ? new ReduceMax(false, false) : new ReduceMean(false);
        var function = new ReductionFunction(kind(), reduction, reduced);
        return Signal.of(F.apply(function, name(), x.value()));
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        if (axes > 1) config.put("data_format", "channels_last");
    }

    @Override
    final void read(Settings settings) {
        settings.expectChannelsLast();
    }
}
