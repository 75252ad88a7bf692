package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.importer.keras.ModelFile.StoredWeight;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Recurrent layers that are made of others: cells that a general layer drives, and those of cuDNN,
/// which are the usual ones with their weights in another order.
final class RecurrentCells {
    private static final List<String> OF_THE_LAYER =
            List.of("return_sequences", "return_state", "go_backwards", "stateful", "time_major");

    private RecurrentCells() {}

    static void addTo(Map<String, Layer> table) {
        table.put("CuDNNGRU", call -> ofCuDnn(call, "GRU", 3));
        table.put("CuDNNLSTM", call -> ofCuDnn(call, "LSTM", 4));
        table.put("RNN", RecurrentCells::driven);
    }

    private static Value translated(LayerCall call, LayerConfig layer, LayerWeights weights) {
        var outputs = Network.call(layer, call.inputs(), call.arguments(), weights, call.context());
        outputs.subList(1, outputs.size()).forEach(call::alsoGive);
        return outputs.getFirst();
    }

    private static Value driven(LayerCall call) {
        var config = call.config();
        config.ignore("zero_output_for_mask");
        for (var key : OF_THE_LAYER) config.flag(key, false);
        var weights = call.takeWeights();
        var cell = config.inner("cell");
        if (!cell.kind().equals("StackedRNNCells"))
            return translated(call, layer(config, cell, true, true), weights);
        if (config.flag("return_state", false))
            throw config.wrong("return_state", "false for a stack of cells", true);
        if (!(cell.get("cells") instanceof List<?> cells) || cells.isEmpty())
            throw cell.wrong("cells", "a list of cells", cell.get("cells"));
        var x = call.inputs();
        int next = 0;
        for (int i = 0; i < cells.size(); i++) {
            var one = LayerConfig.of(config.place(), cells.get(i));
            var own = layer(config, one, i == 0, i == cells.size() - 1);
            int count = own.flag("use_bias", true) ? 3 : 2;
            var mine = weights.range(next, Math.min(weights.size(), next + count));
            next += count;
            x = Network.call(own, x, CallArguments.none(), mine, call.context());
        }
        return x.getFirst();
    }

    /// {@return the layer that a cell is by itself; in a stack only the first turns the sequence
    /// round, and only the last may drop what is before the end}
    private static LayerConfig layer(
            LayerConfig config, LayerConfig cell, boolean isFirst, boolean isLast) {
        if (!cell.kind().endsWith("Cell"))
            throw config.wrong("cell", "a cell of Keras", cell.kind());
        var kind = cell.kind().substring(0, cell.kind().length() - "Cell".length());
        return cell.as(kind)
                .with("name", config.name())
                .with("return_sequences", !isLast || config.flag("return_sequences", false))
                .with("return_state", config.flag("return_state", false))
                .with("go_backwards", isFirst && config.flag("go_backwards", false))
                .with("time_major", config.flag("time_major", false))
                .with("stateful", config.flag("stateful", false));
    }

    /// cuDNN keeps the matrix of a gate for the input as `[units, input]` in the memory of `[input,
    /// units]`, that for the state transposed, and two biases.
    private static Value ofCuDnn(LayerCall call, String kind, int gates) {
        var config = call.config();
        int units = config.integer("units");
        config.ignore("unit_forget_bias");
        for (var key : OF_THE_LAYER) config.flag(key, false);
        var x = call.inputs().getFirst();
        int input = call.fixed(x, x.type().rank() - 1);
        call.weight("kernel", input, gates * units);
        call.weight("recurrent_kernel", units, gates * units);
        call.weight("bias", 2 * gates * units);
        var stored = call.weights().stored();
        var weights = new ArrayList<StoredWeight>();
        weights.add(turned(stored.get(0), gates, false));
        weights.add(turned(stored.get(1), gates, true));
        weights.add(bias(stored.get(2), gates * units, kind.equals("LSTM")));
        var layer =
                config.as(kind).with("recurrent_activation", "sigmoid").with("activation", "tanh");
        if (kind.equals("GRU")) layer = layer.with("reset_after", true);
        return translated(call, layer, new LayerWeights(weights));
    }

    private static StoredWeight turned(StoredWeight weight, int gates, boolean isTransposed) {
        float[] from = weight.value().floats();
        int rows = weight.value().shape()[0];
        int width = weight.value().shape()[1];
        int units = width / gates;
        var to = new float[from.length];
        for (int gate = 0; gate < gates; gate++) {
            for (int i = 0; i < rows; i++) {
                for (int u = 0; u < units; u++) {
                    // the i·units + u-th element of the gate's part, and the one that belongs there
                    int place = isTransposed ? u * units + i : u * rows + i;
                    int source = place / units * width + gate * units + place % units;
                    to[i * width + gate * units + u] = from[source];
                }
            }
        }
        return new StoredWeight(weight.path(), Tensor.of(to, weight.value().shape()));
    }

    private static StoredWeight bias(StoredWeight weight, int width, boolean isSum) {
        float[] from = weight.value().floats();
        if (!isSum) return new StoredWeight(weight.path(), weight.value().reshape(2, width));
        var to = new float[width];
        for (int i = 0; i < width; i++) to[i] = from[i] + from[width + i];
        return new StoredWeight(weight.path(), Tensor.of(to, width));
    }
}
