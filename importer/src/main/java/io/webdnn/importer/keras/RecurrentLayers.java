package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.LSTM;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Transpose;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Recurrent layers. Long short-term memory is an operator; the other cells are written out step by
/// step, for which the number of steps must be known.
final class RecurrentLayers {
    private RecurrentLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("GRU", RecurrentLayers::gatedUnit);
        table.put("LSTM", RecurrentLayers::longShortTermMemory);
        table.put("SimpleRNN", RecurrentLayers::simple);
    }

    /// {@return the sequence in the order in which the layer reads it}
    private static Value sequence(LayerCall call, int states) {
        var config = call.config();
        if (config.flag("stateful", false)) {
            throw config.wrong("stateful", "false (a graph keeps no state between runs)", true);
        }
        config.ignore("return_state", "zero_output_for_mask");
        int given = call.inputs().size() - 1;
        if (given != 0 && given != states)
            throw call.wrong("inputs", "a sequence, or one and " + states + " states", given + 1);
        var x = call.inputs().getFirst();
        if (x.type().rank() != 3) throw call.wrong("input", "rank 3", call.shape(x));
        return config.flag("go_backwards", false) ? reversed(call, x) : x;
    }

    /// {@return x, `[N, T, …]`, from its last step to its first}
    static Value reversed(LayerCall call, Value x) {
        int steps = call.fixed(x, 1);
        var places = IntStream.range(0, steps).map(t -> steps - 1 - t);
        return call.gather(x, 1, places.toArray());
    }

    private static Elementwise activation(LayerCall call, String key, String otherwise) {
        var name = call.config().text(key, otherwise);
        var activation = Activations.elementwise(name, call.version());
        if (activation == null)
            throw call.wrong(key, "an activation of single elements", "'" + name + "'");
        return activation;
    }

    /// Before Keras 3 (and TensorFlow's 2, which writes the name into the file) it was the hard
    /// one.
    private static Elementwise gate(LayerCall call) {
        return activation(
                call,
                "recurrent_activation",
                call.version().major() < 3 ? "hard_sigmoid" : "sigmoid");
    }

    private static Value longShortTermMemory(LayerCall call) {
        var config = call.config();
        var x = sequence(call, 2);
        config.ignore("unit_forget_bias");
        int units = config.integer("units");
        int size = call.fixed(x, 2);
        var gate = gate(call);
        var cell = activation(call, "activation", "tanh");
        // Keras's gates are i, f, c, o; the operator's i, o, f, c
        var gates = IntStream.of(0, 3, 1, 2).flatMap(g -> gate(g, units)).toArray();
        var w = gatesFirst(call, call.weight("kernel", size, 4 * units), gates);
        var r = gatesFirst(call, call.weight("recurrent_kernel", units, 4 * units), gates);
        Value b = call.absent();
        if (CoreLayers.usesBias(call)) {
            var own = call.gather(call.weight("bias", 4 * units), 0, gates);
            var none = call.constant(Tensor.zeros(DType.FLOAT32, 4 * units));
            b = call.unsqueeze(call.apply(new Concat(0), own, none), 0);
        }
        boolean given = call.inputs().size() > 1;
        var h = given ? call.unsqueeze(call.inputs().get(1), 1) : call.absent();
        var c = given ? call.unsqueeze(call.inputs().get(2), 1) : call.absent();
        var op =
                new LSTM(
                        units,
                        LSTM.Direction.FORWARD,
                        List.of(gate, cell, cell),
                        null,
                        false,
                        true);
        var outputs = call.applyAll(op, List.of(x, w, r, b, call.absent(), h, c));
        var last = call.apply(new Squeeze(), outputs.get(1), call.vector(1));
        if (config.flag("return_state", false)) {
            call.alsoGive(last);
            call.alsoGive(call.apply(new Squeeze(), outputs.get(2), call.vector(1)));
        }
        return config.flag("return_sequences", false)
                ? call.apply(new Squeeze(), outputs.getFirst(), call.vector(2))
                : last;
    }

    /// {@return `[I, gates]` as `[1, gates, I]`, the gates in another order}
    private static Value gatesFirst(LayerCall call, Value weights, int[] gates) {
        var ordered = call.gather(weights, 1, gates);
        return call.unsqueeze(call.apply(new Transpose(List.of(1, 0)), ordered), 0);
    }

    /// A step of a cell: from what the input gives to each gate and from the state, which is null
    /// where it is zero, to the next state.
    @FunctionalInterface
    private interface Cell {
        Value step(List<Value> gates, @Nullable Value state);
    }

    private static Value unrolled(LayerCall call, List<Value> gates, Cell cell) {
        var config = call.config();
        int steps = call.fixed(gates.getFirst(), 1);
        var states = new ArrayList<Value>();
        Value state = call.inputs().size() > 1 ? call.inputs().get(1) : null;
        for (int t = 0; t < steps; t++) {
            var now = new ArrayList<Value>();
            for (var gate : gates) now.add(slice(call, gate, 1, t));
            state = cell.step(now, state);
            states.add(call.unsqueeze(state, 1));
        }
        if (state == null) throw call.wrong("input", "at least one step", steps);
        if (config.flag("return_state", false)) call.alsoGive(state);
        return config.flag("return_sequences", false)
                ? call.applyAll(new Concat(1), states).getFirst()
                : state;
    }

    private static Value simple(LayerCall call) {
        var config = call.config();
        var x = sequence(call, 1);
        int units = config.integer("units");
        var activation = activation(call, "activation", "tanh");
        var kernel = call.weight("kernel", call.fixed(x, 2), units);
        var recurrent = call.weight("recurrent_kernel", units, units);
        var gate = CoreLayers.bias(call, call.apply(new MatMul(), x, kernel), units);
        return unrolled(
                call,
                List.of(gate),
                (gates, state) -> {
                    var sum = gates.getFirst();
                    if (state != null)
                        sum = Value.of(call.add(sum, call.apply(new MatMul(), state, recurrent)));
                    return call.apply(activation, sum);
                });
    }

    private static Value gatedUnit(LayerCall call) {
        var config = call.config();
        var x = sequence(call, 1);
        int units = config.integer("units");
        boolean resetAfter = config.flag("reset_after", false);
        var gate = gate(call);
        var activation = activation(call, "activation", "tanh");
        var kernel = parts(call, call.weight("kernel", call.fixed(x, 2), 3 * units), 1, units);
        var recurrent = parts(call, call.weight("recurrent_kernel", units, 3 * units), 1, units);
        List<Value> biases = List.of();
        List<Value> inner = List.of();
        if (CoreLayers.usesBias(call) && resetAfter) {
            var both = call.weight("bias", 2, 3 * units);
            biases = parts(call, slice(call, both, 0, 0), 0, units);
            inner = parts(call, slice(call, both, 0, 1), 0, units);
        } else if (CoreLayers.usesBias(call)) {
            biases = parts(call, call.weight("bias", 3 * units), 0, units);
        }
        var projected = new ArrayList<Value>();
        for (int g = 0; g < 3; g++) {
            var sum = call.apply(new MatMul(), x, kernel.get(g));
            projected.add(biases.isEmpty() ? sum : Value.of(call.add(sum, biases.get(g))));
        }
        var innerBiases = inner;
        return unrolled(
                call,
                projected,
                (gates, state) -> {
                    var fromState = new ArrayList<@Nullable Value>();
                    for (int g = 0; g < 3; g++) {
                        Value sum =
                                state == null || g == 2 && !resetAfter
                                        ? null
                                        : call.apply(new MatMul(), state, recurrent.get(g));
                        if (!innerBiases.isEmpty()) sum = plus(call, innerBiases.get(g), sum);
                        fromState.add(sum);
                    }
                    var update = call.apply(gate, plus(call, gates.get(0), fromState.get(0)));
                    var reset = call.apply(gate, plus(call, gates.get(1), fromState.get(1)));
                    Value kept = fromState.get(2);
                    if (kept != null) {
                        kept = Value.of(call.mul(reset, kept));
                    } else if (state != null) {
                        kept = call.apply(new MatMul(), call.mul(reset, state), recurrent.get(2));
                    }
                    var candidate = call.apply(activation, plus(call, gates.get(2), kept));
                    var fresh =
                            call.mul(call.sub(call.scalar(DType.FLOAT32, 1), update), candidate);
                    return Value.of(
                            state == null ? fresh : call.add(call.mul(update, state), fresh));
                });
    }

    private static Value plus(LayerCall call, Value a, @Nullable Value b) {
        return b == null ? a : Value.of(call.add(a, b));
    }

    /// {@return where a gate lies on an axis of all gates}
    private static IntStream gate(int gate, int units) {
        return IntStream.range(gate * units, (gate + 1) * units);
    }

    /// {@return x at one place of an axis, without that axis}
    private static Value slice(LayerCall call, Value x, int axis, int place) {
        return call.apply(new Gather(axis), x, call.scalar(DType.INT64, place));
    }

    /// {@return the three gates of an axis}
    private static List<Value> parts(LayerCall call, Value weights, int axis, int units) {
        var parts = new ArrayList<Value>();
        for (int g = 0; g < 3; g++) {
            parts.add(call.gather(weights, axis, gate(g, units).toArray()));
        }
        return parts;
    }
}
