package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.LSTM;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
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

    /// What a layer reads, in the order in which it reads it.
    ///
    /// @param mask which steps count, null if all do
    private record Sequence(Value x, @Nullable Value mask) {}

    private static Sequence sequence(LayerCall call, int states) {
        var config = call.config();
        config.ignore("zero_output_for_mask");
        int given = call.inputs().size() - 1;
        if (given != 0 && given != states)
            throw call.wrong("inputs", "a sequence, or one and " + states + " states", given + 1);
        var x = call.inputs().getFirst();
        if (x.type().rank() != 3) throw call.wrong("input", "rank 3", call.shape(x));
        var mask = call.masks().of(x);
        if (!config.flag("go_backwards", false)) return new Sequence(x, mask);
        return new Sequence(reversed(call, x), mask == null ? null : reversed(call, mask));
    }

    /// {@return the states that the layer starts from, none where they are zero}
    private static List<Value> initial(LayerCall call, int count, int units) {
        var inputs = call.inputs();
        boolean isStateful = call.config().flag("stateful", false);
        if (inputs.size() > 1 && isStateful)
            throw call.wrong("inputs", "a sequence alone, where it is stateful", inputs.size());
        if (!isStateful) return inputs.subList(1, inputs.size());
        var shape = Shape.of(call.shape(inputs.getFirst()).get(0), Dimension.of(units));
        return call.states().before(call.config(), count, shape);
    }

    /// {@return the layer's output}
    ///
    /// @param sequence the outputs of all steps
    /// @param last the output of the last step
    /// @param states the states behind the last step
    private static Value give(LayerCall call, Value sequence, Value last, List<Value> states) {
        var config = call.config();
        if (config.flag("stateful", false)) call.states().after(config, states);
        if (config.flag("return_state", false)) states.forEach(call::alsoGive);
        if (!config.flag("return_sequences", false)) return last;
        var mask = call.masks().of(call.inputs().getFirst());
        if (mask != null) call.masks().put(sequence, mask);
        return sequence;
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
        var sequence = sequence(call, 2);
        config.ignore("unit_forget_bias");
        int units = config.integer("units");
        int size = call.fixed(sequence.x(), 2);
        var kernel = call.weight("kernel", size, 4 * units);
        var recurrent = call.weight("recurrent_kernel", units, 4 * units);
        var bias = CoreLayers.usesBias(call) ? call.weight("bias", 4 * units) : call.absent();
        return sequence.mask() == null
                ? memoryOperator(call, sequence.x(), kernel, recurrent, bias)
                : memoryCells(call, sequence, kernel, recurrent, bias);
    }

    private static Value memoryOperator(
            LayerCall call, Value x, Value kernel, Value recurrent, Value bias) {
        int units = call.config().integer("units");
        var gate = gate(call);
        var cell = activation(call, "activation", "tanh");
        // Keras's gates are i, f, c, o; the operator's i, o, f, c
        var gates = IntStream.of(0, 3, 1, 2).flatMap(g -> gate(g, units)).toArray();
        var w = gatesFirst(call, kernel, gates);
        var r = gatesFirst(call, recurrent, gates);
        var b = bias;
        if (!bias.isAbsent()) {
            var none = call.constant(Tensor.zeros(DType.FLOAT32, 4 * units));
            b = call.unsqueeze(call.apply(new Concat(0), call.gather(bias, 0, gates), none), 0);
        }
        var initial = initial(call, 2, units);
        var h = initial.isEmpty() ? call.absent() : call.unsqueeze(initial.get(0), 1);
        var c = initial.isEmpty() ? call.absent() : call.unsqueeze(initial.get(1), 1);
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
        return give(
                call,
                call.apply(new Squeeze(), outputs.getFirst(), call.vector(2)),
                last,
                List.of(last, call.apply(new Squeeze(), outputs.get(2), call.vector(1))));
    }

    /// The operator knows no masks.
    private static Value memoryCells(
            LayerCall call, Sequence sequence, Value kernel, Value recurrent, Value bias) {
        int units = call.config().integer("units");
        var gate = gate(call);
        var activation = activation(call, "activation", "tanh");
        var fromInput = call.apply(new MatMul(), sequence.x(), kernel);
        if (!bias.isAbsent()) fromInput = Value.of(call.add(fromInput, bias));
        var gates = parts(call, fromInput, 2, units);
        var perGate = parts(call, recurrent, 1, units);
        return unrolled(
                call,
                2,
                sequence,
                gates,
                (now, states) -> {
                    var sums = new ArrayList<Value>();
                    for (int g = 0; g < 4; g++) {
                        var fromState =
                                states.isEmpty()
                                        ? null
                                        : call.apply(
                                                new MatMul(), states.getFirst(), perGate.get(g));
                        sums.add(plus(call, now.get(g), fromState));
                    }
                    var candidate = call.apply(activation, sums.get(2));
                    var memory = Value.of(call.mul(call.apply(gate, sums.get(0)), candidate));
                    if (!states.isEmpty()) {
                        var kept = call.mul(call.apply(gate, sums.get(1)), states.get(1));
                        memory = Value.of(call.add(memory, kept));
                    }
                    var output =
                            call.mul(call.apply(gate, sums.get(3)), call.apply(activation, memory));
                    return List.of(Value.of(output), memory);
                });
    }

    /// {@return `[I, gates]` as `[1, gates, I]`, the gates in another order}
    private static Value gatesFirst(LayerCall call, Value weights, int[] gates) {
        var ordered = call.gather(weights, 1, gates);
        return call.unsqueeze(call.apply(new Transpose(List.of(1, 0)), ordered), 0);
    }

    /// A step of a cell: from what the input gives to each gate and from the states, none where
    /// they are zero, to the next states, of which the first is the output.
    @FunctionalInterface
    private interface Cell {
        List<Value> step(List<Value> gates, List<Value> states);
    }

    /// @param count the number of states
    /// @param gates what the input gives to each gate, `[N, T, units]`
    private static Value unrolled(
            LayerCall call, int count, Sequence sequence, List<Value> gates, Cell cell) {
        int steps = call.fixed(sequence.x(), 1);
        if (steps < 1) throw call.wrong("input", "at least one step", steps);
        var zero = call.scalar(DType.FLOAT32, 0);
        var outputs = new ArrayList<Value>();
        var states = initial(call, count, call.config().integer("units"));
        var output = Value.of(zero);
        for (int t = 0; t < steps; t++) {
            var now = new ArrayList<Value>();
            for (var gate : gates) now.add(slice(call, gate, 1, t));
            var next = cell.step(now, states);
            if (sequence.mask() == null) {
                states = next;
                output = next.getFirst();
            } else { // a hidden step leaves the states, and gives the output of the step before
                var counts = call.unsqueeze(slice(call, sequence.mask(), 1, t), 1);
                output = call.apply(new Where(), counts, next.getFirst(), output);
                var kept = new ArrayList<Value>();
                for (int s = 0; s < count; s++) {
                    var before = states.isEmpty() ? Value.of(zero) : states.get(s);
                    kept.add(call.apply(new Where(), counts, next.get(s), before));
                }
                states = kept;
            }
            outputs.add(call.unsqueeze(output, 1));
        }
        return give(call, call.applyAll(new Concat(1), outputs).getFirst(), output, states);
    }

    private static Value simple(LayerCall call) {
        var config = call.config();
        var sequence = sequence(call, 1);
        var x = sequence.x();
        int units = config.integer("units");
        var activation = activation(call, "activation", "tanh");
        var kernel = call.weight("kernel", call.fixed(x, 2), units);
        var recurrent = call.weight("recurrent_kernel", units, units);
        var gate = CoreLayers.bias(call, call.apply(new MatMul(), x, kernel), units);
        return unrolled(
                call,
                1,
                sequence,
                List.of(gate),
                (gates, states) -> {
                    var fromState =
                            states.isEmpty()
                                    ? null
                                    : call.apply(new MatMul(), states.getFirst(), recurrent);
                    return List.of(call.apply(activation, plus(call, gates.getFirst(), fromState)));
                });
    }

    private static Value gatedUnit(LayerCall call) {
        var config = call.config();
        var sequence = sequence(call, 1);
        var x = sequence.x();
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
                1,
                sequence,
                projected,
                (gates, states) -> {
                    var state = states.isEmpty() ? null : states.getFirst();
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
                    return List.of(
                            Value.of(
                                    state == null
                                            ? fresh
                                            : call.add(call.mul(update, state), fresh)));
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

    /// {@return the gates of an axis}
    private static List<Value> parts(LayerCall call, Value weights, int axis, int units) {
        var parts = new ArrayList<Value>();
        int gates = call.shape(weights).size(axis) / units;
        for (int g = 0; g < gates; g++) {
            parts.add(call.gather(weights, axis, gate(g, units).toArray()));
        }
        return parts;
    }
}
