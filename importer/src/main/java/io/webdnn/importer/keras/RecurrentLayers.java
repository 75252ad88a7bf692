package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Recurrent;
import io.webdnn.graph.op.Recurrent.Cell;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Recurrent layers.
final class RecurrentLayers {
    private RecurrentLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("GRU", RecurrentLayers::gatedUnit);
        table.put("LSTM", RecurrentLayers::longShortTermMemory);
        table.put("SimpleRNN", RecurrentLayers::simple);
    }

    private static Value sequence(LayerCall call, int states) {
        int given = inputs(call).size() - 1;
        if (given != 0 && given != states)
            throw call.wrong("inputs", "a sequence, or one and " + states + " states", given + 1);
        var x = inputs(call).getFirst();
        if (x.type().rank() != 3) throw call.wrong("input", "rank 3", call.shape(x));
        return x;
    }

    /// {@return the sequence and the states that are given, in a list or by name}
    private static List<Value> inputs(LayerCall call) {
        var inputs = new ArrayList<>(call.inputs());
        inputs.addAll(call.arguments().tensors("initial_state"));
        if (inputs.isEmpty()) throw call.wrong("inputs", "a sequence", 0);
        return inputs;
    }

    /// {@return the states that the layer starts from, none where they are zero}
    private static List<Value> initial(LayerCall call, int count, int units) {
        var inputs = inputs(call);
        boolean isStateful = call.config().flag("stateful", false);
        if (inputs.size() > 1 && isStateful)
            throw call.wrong("inputs", "a sequence alone, where it is stateful", inputs.size());
        if (!isStateful) return inputs.subList(1, inputs.size());
        var shape = Shape.of(call.shape(inputs.getFirst()).get(0), Dimension.of(units));
        return call.states().before(call.config(), count, shape);
    }

    /// {@return the layer's output}
    ///
    /// @param fromInput the input times the kernel, with the bias that belongs to it
    /// @param bias the one that belongs to the state, perhaps absent
    private static Value give(
            LayerCall call, Cell cell, Value fromInput, Value recurrent, Value bias) {
        var config = call.config();
        if (config.flag("time_major", false)) throw config.wrong("time_major", "false", true);
        int units = config.integer("units");
        boolean backwards = config.flag("go_backwards", false);
        var gate = cell == Cell.SIMPLE ? new Identity() : gate(call);
        var activation = activation(call, "activation", "tanh");
        var op = new Recurrent(cell, units, gate, activation, backwards);
        var mask = call.masks().of(call.inputs().getFirst());
        var given = new ArrayList<>(List.of(fromInput, recurrent, bias));
        given.add(mask == null ? Value.ABSENT : mask);
        given.addAll(initial(call, cell.states(), units));
        var outputs = call.applyAll(op, given);
        var states = outputs.subList(2, outputs.size());
        if (config.flag("stateful", false)) call.states().after(config, states);
        if (config.flag("return_state", false)) states.forEach(call::alsoGive);
        boolean hides = config.flag("zero_output_for_mask", false);
        if (!config.flag("return_sequences", false)) return outputs.get(1);
        var sequence = outputs.getFirst();
        if (mask == null) return sequence;
        if (hides) {
            var counts = call.unsqueeze(backwards ? reversed(call, mask) : mask, 2);
            var zero = call.scalar(DType.FLOAT32, 0);
            sequence = call.apply(new Where(), counts, sequence, zero);
        }
        call.masks().put(sequence, mask);
        return sequence;
    }

    /// {@return x, `[N, T, …]`, from its last step to its first}
    static Value reversed(LayerCall call, Value x) {
        return call.apply(
                new Slice(),
                x,
                call.vector(-1),
                call.vector(-Long.MAX_VALUE),
                call.vector(1),
                call.vector(-1));
    }

    static Elementwise activation(LayerCall call, String key, String otherwise) {
        var name = Activations.name(call.config(), key, otherwise);
        var activation = Activations.elementwise(name, call.version());
        if (activation == null)
            throw call.wrong(key, "an activation of single elements", "'" + name + "'");
        return activation;
    }

    /// Before Keras 3 (and TensorFlow's 2, which writes the name into the file) it was the hard
    /// one.
    static Elementwise gate(LayerCall call) {
        return activation(
                call,
                "recurrent_activation",
                call.version().major() < 3 ? "hard_sigmoid" : "sigmoid");
    }

    private static Value longShortTermMemory(LayerCall call) {
        var x = sequence(call, 2);
        call.config().ignore("unit_forget_bias");
        int units = call.config().integer("units");
        var kernel = call.weight("kernel", call.fixed(x, 2), 4 * units);
        var recurrent = call.weight("recurrent_kernel", units, 4 * units);
        var fromInput = CoreLayers.bias(call, call.apply(new MatMul(), x, kernel), 4 * units);
        return give(call, Cell.LSTM, fromInput, recurrent, Value.ABSENT);
    }

    private static Value simple(LayerCall call) {
        var x = sequence(call, 1);
        int units = call.config().integer("units");
        var kernel = call.weight("kernel", call.fixed(x, 2), units);
        var recurrent = call.weight("recurrent_kernel", units, units);
        var fromInput = CoreLayers.bias(call, call.apply(new MatMul(), x, kernel), units);
        return give(call, Cell.SIMPLE, fromInput, recurrent, Value.ABSENT);
    }

    private static Value gatedUnit(LayerCall call) {
        var x = sequence(call, 1);
        int units = call.config().integer("units");
        boolean resetAfter = call.config().flag("reset_after", false);
        var kernel = call.weight("kernel", call.fixed(x, 2), 3 * units);
        var recurrent = call.weight("recurrent_kernel", units, 3 * units);
        var fromInput = call.apply(new MatMul(), x, kernel);
        if (!resetAfter) {
            fromInput = CoreLayers.bias(call, fromInput, 3 * units);
            return give(call, Cell.GRU, fromInput, recurrent, Value.ABSENT);
        }
        var inner = Value.ABSENT;
        if (CoreLayers.usesBias(call)) {
            var both = call.weight("bias", 2, 3 * units);
            fromInput = Value.of(call.add(fromInput, row(call, both, 0)));
            inner = row(call, both, 1);
        }
        return give(call, Cell.GRU_RESET_AFTER, fromInput, recurrent, inner);
    }

    private static Value row(LayerCall call, Value x, int place) {
        return call.apply(new Gather(0), x, call.scalar(DType.INT64, place));
    }
}
