package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Mul;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.Map;

/// Layers around another layer.
final class WrapperLayers {
    private WrapperLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("Bidirectional", WrapperLayers::bidirectional);
        table.put("TimeDistributed", WrapperLayers::timeDistributed);
    }

    private static Value bidirectional(LayerCall call) {
        var config = call.config();
        config.ignore("backward_layer"); // the same layer with go_backwards
        var layer = config.inner("layer");
        if (layer.flag("return_state", false))
            throw layer.wrong("return_state", "false in a Bidirectional", true);
        var weights = call.takeWeights();
        int half = weights.size() / 2;
        boolean backwards = layer.flag("go_backwards", false);
        var forward = layer.with("name", "forward_" + layer.name());
        var forth = inner(call, forward, weights.range(0, half), call.input());
        var turned =
                layer.with("name", "backward_" + layer.name()).with("go_backwards", !backwards);
        var back = inner(call, turned, weights.range(half, weights.size()), call.input());
        if (layer.flag("return_sequences", false)) back = RecurrentLayers.reversed(call, back);
        if (config.get("merge_mode") == null) {
            call.alsoGive(back);
            return forth;
        }
        var merged = merged(call, forth, back);
        var mask = call.masks().of(call.input());
        if (mask != null && layer.flag("return_sequences", false)) call.masks().put(merged, mask);
        return merged;
    }

    private static Value merged(LayerCall call, Value forth, Value back) {
        return switch (call.config().choice("merge_mode", "concat", "sum", "mul", "ave")) {
            case "sum" -> call.apply(new Add(), forth, back);
            case "mul" -> call.apply(new Mul(), forth, back);
            case "ave" ->
                    Value.of(call.mul(call.add(forth, back), call.scalar(DType.FLOAT32, 0.5)));
            default -> call.apply(new Concat(-1), forth, back);
        };
    }

    private static Value timeDistributed(LayerCall call) {
        var x = call.input();
        int rank = x.type().rank();
        if (rank < 3) throw call.wrong("input", "rank 3 or more", call.shape(x));
        int steps = call.fixed(x, 1);
        var flat = new long[rank - 1];
        flat[0] = -1;
        for (int d = 2; d < rank; d++) flat[d - 1] = call.fixed(x, d);
        var each =
                inner(
                        call,
                        call.config().inner("layer"),
                        call.takeWeights(),
                        call.reshape(x, flat));
        int after = each.type().rank();
        var shape = new long[after + 1];
        shape[0] = -1;
        shape[1] = steps;
        for (int d = 1; d < after; d++) shape[d + 1] = call.fixed(each, d);
        return call.reshape(each, shape);
    }

    private static Value inner(
            LayerCall call, LayerConfig layer, LayerWeights weights, Value input) {
        var outputs =
                Network.call(layer, List.of(input), CallArguments.none(), weights, call.context());
        if (outputs.size() != 1) throw layer.wrong("outputs", "one", outputs.size());
        return outputs.getFirst();
    }
}
