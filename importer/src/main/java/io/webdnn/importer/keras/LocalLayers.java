package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Einsum;
import io.webdnn.importer.keras.Layers.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Convolutions whose weights differ from place to place.
final class LocalLayers {
    private LocalLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("LocallyConnected1D", call -> local(call, 1));
        table.put("LocallyConnected2D", call -> local(call, 2));
    }

    /// Weights: `kernel` `[places, taps · C, filters]`, taps before channels if these are last;
    /// `bias` `[places…, filters]`.
    private static Value local(LayerCall call, int spatial) {
        var config = call.config();
        config.choice("padding", "valid");
        boolean last = call.isChannelsLast();
        var x = last ? call.input(spatial + 2) : call.channelsLast(call.input(spatial + 2));
        int filters = config.integer("filters");
        var kernel = config.integers("kernel_size", spatial, 1);
        var strides = config.integers("strides", spatial, 1);
        int channels = call.fixed(x, spatial + 1);
        var places = new ArrayList<Integer>();
        int count = 1;
        int taps = 1;
        for (int d = 0; d < spatial; d++) {
            int extent = call.fixed(x, d + 1);
            int size = (extent - kernel.get(d)) / strides.get(d) + 1;
            if (extent < kernel.get(d))
                throw call.wrong("input", kernel.get(d) + " or more on axis " + (d + 1), extent);
            places.add(size);
            count *= size;
            taps *= kernel.get(d);
        }
        // [N, D…, C] flattened to [N, Π D, C], of which each place takes its taps
        var flat = call.reshape(x, 0, -1, channels);
        var taken = new int[count * taps];
        for (int i = 0; i < taken.length; i++)
            taken[i] = index(call, x, kernel, strides, places, i / taps, i % taps);
        var windows = call.reshape(call.gather(flat, 1, taken), 0, count, taps, channels);
        if (!last) windows = call.transpose(windows, List.of(0, 1, 3, 2));
        var rows = call.reshape(windows, 0, count, (long) taps * channels);
        var weights = call.weight("kernel", count, taps * channels, filters);
        var y = call.apply(new Einsum("npk,pkf->npf"), rows, weights);
        var shape = new long[spatial + 2];
        var own = new int[spatial + 1];
        for (int d = 0; d < spatial; d++) shape[d + 1] = own[d] = places.get(d);
        shape[spatial + 1] = own[spatial] = filters;
        y = call.reshape(y, shape);
        if (CoreLayers.usesBias(call)) y = Value.of(call.add(y, call.weight("bias", own)));
        y = Activations.apply(call, "activation", y);
        return last ? y : call.channelsFirst(y);
    }

    /// {@return where a tap of a place stands among all elements of the spatial axes}
    private static int index(
            LayerCall call,
            Value x,
            List<Integer> kernel,
            List<Integer> strides,
            List<Integer> places,
            int place,
            int tap) {
        int index = 0;
        int scale = 1;
        for (int d = places.size() - 1; d >= 0; d--) {
            int at = place % places.get(d) * strides.get(d) + tap % kernel.get(d);
            index += at * scale;
            scale *= call.fixed(x, d + 1);
            place /= places.get(d);
            tap /= kernel.get(d);
        }
        return index;
    }
}
