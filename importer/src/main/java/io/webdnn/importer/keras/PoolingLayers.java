package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import java.util.Collections;
import java.util.Map;
import java.util.stream.LongStream;

/// Pooling, over windows and over all of an image.
final class PoolingLayers {
    private PoolingLayers() {}

    static void addTo(Map<String, Layer> table) {
        for (int d = 1; d <= 3; d++) {
            int spatial = d;
            table.put("AveragePooling" + d + "D", call -> pooling(call, spatial, false));
            table.put("MaxPooling" + d + "D", call -> pooling(call, spatial, true));
            table.put("GlobalAveragePooling" + d + "D", call -> global(call, spatial, false));
            table.put("GlobalMaxPooling" + d + "D", call -> global(call, spatial, true));
        }
    }

    private static Value pooling(LayerCall call, int spatial, boolean maximum) {
        var config = call.config();
        var x = ConvolutionLayers.channelsFirst(call, spatial);
        var kernel = config.integers("pool_size", spatial, 2);
        var strides = config.has("strides") ? config.integers("strides", spatial, 1) : kernel;
        var dilations = Collections.nCopies(spatial, 1);
        var windows = ConvolutionLayers.windows(call, x, kernel, strides, dilations);
        // At the edge the mean is that of the elements inside, as TensorFlow takes it.
        var op =
                maximum
                        ? new MaxPool(kernel, windows, false, false, false)
                        : new AveragePool(kernel, windows, false, false);
        return ConvolutionLayers.restored(call, call.apply(op, x));
    }

    private static Value global(LayerCall call, int spatial, boolean maximum) {
        boolean keepdims = call.config().flag("keepdims", false);
        int first = call.isChannelsLast() ? 1 : 2;
        var axes = call.vector(LongStream.range(first, first + (long) spatial).toArray());
        var x = call.input(spatial + 2);
        var mask = call.masks().of(x);
        if (mask != null && !maximum && spatial == 1) return meanOfSteps(call, x, mask, keepdims);
        return maximum
                ? call.apply(new ReduceMax(keepdims, false), x, axes)
                : call.apply(new ReduceMean(keepdims, false), x, axes);
    }

    /// The mean of the steps that count.
    private static Value meanOfSteps(LayerCall call, Value x, Value mask, boolean keepdims) {
        var counts = call.unsqueeze(call.apply(new Cast(DType.FLOAT32), mask), 2);
        var steps = call.vector(1);
        var sum = call.apply(new ReduceSum(keepdims), call.mul(x, counts), steps);
        return Value.of(call.div(sum, call.apply(new ReduceSum(keepdims), counts, steps)));
    }
}
