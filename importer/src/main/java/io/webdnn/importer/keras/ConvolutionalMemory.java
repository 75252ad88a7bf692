package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Window;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Long short-term memory whose products are convolutions: `[N, T, D…, C]`, written out step by
/// step.
final class ConvolutionalMemory {
    private ConvolutionalMemory() {}

    static void addTo(Map<String, Layer> table) {
        for (int d = 1; d <= 3; d++) {
            int spatial = d;
            table.put("ConvLSTM" + d + "D", call -> memory(call, spatial));
        }
    }

    private static Value memory(LayerCall call, int spatial) {
        var config = call.config();
        config.ignore("unit_forget_bias");
        for (var key : List.of("stateful", "time_major"))
            if (config.flag(key, false)) throw config.wrong(key, "false", true);
        var x = call.input(spatial + 3);
        boolean last = call.isChannelsLast();
        if (last) { // [N, T, C, D…]
            var order = new ArrayList<>(List.of(0, 1, spatial + 2));
            IntStream.range(2, spatial + 2).forEach(order::add);
            x = call.transpose(x, order);
        }
        int filters = config.integer("filters");
        var kernel = config.integers("kernel_size", spatial, 1);
        var weights = kernel(call, "kernel", kernel, call.fixed(x, 2), filters);
        var recurrent = kernel(call, "recurrent_kernel", kernel, filters, filters);
        Value bias = CoreLayers.usesBias(call) ? call.weight("bias", 4 * filters) : null;
        int steps = call.fixed(x, 1);
        if (steps < 1) throw call.wrong("input", "at least one step", steps);
        boolean backwards = config.flag("go_backwards", false);
        var outputs = new ArrayList<Value>();
        List<Value> states = List.of();
        for (int t = 0; t < steps; t++) {
            var place = call.scalar(DType.INT64, backwards ? steps - 1 - t : t);
            var now = call.apply(new Gather(1), x, place);
            states = step(call, now, states, weights, recurrent, bias);
            outputs.add(call.unsqueeze(ordered(call, states.get(0)), 1));
        }
        var end = ordered(call, states.get(0));
        var y =
                config.flag("return_sequences", false)
                        ? call.applyAll(new Concat(1), outputs).getFirst()
                        : end;
        if (config.flag("return_state", false)) {
            call.alsoGive(end);
            call.alsoGive(ordered(call, states.get(1)));
        }
        return y;
    }

    private static Value ordered(LayerCall call, Value y) {
        return call.isChannelsLast() ? call.channelsLast(y) : y;
    }

    /// {@return `[k…, in, 4 · filters]` as `[4 · filters, in, k…]`}
    private static Value kernel(
            LayerCall call, String role, List<Integer> size, int in, int filters) {
        int spatial = size.size();
        int[] shape =
                IntStream.concat(
                                size.stream().mapToInt(Integer::intValue),
                                IntStream.of(in, 4 * filters))
                        .toArray();
        var order = new ArrayList<>(List.of(spatial + 1, spatial));
        IntStream.range(0, spatial).forEach(order::add);
        return call.transpose(call.weight(role, shape), order);
    }

    /// {@return output and memory behind a step}
    ///
    /// @param states those before it, none where they are zero
    private static List<Value> step(
            LayerCall call,
            Value x,
            List<Value> states,
            Value weights,
            Value recurrent,
            @Nullable Value bias) {
        var config = call.config();
        int spatial = x.type().rank() - 2;
        var kernel = config.integers("kernel_size", spatial, 1);
        var windows =
                ConvolutionLayers.windows(
                        call,
                        x,
                        kernel,
                        config.integers("strides", spatial, 1),
                        config.integers("dilation_rate", spatial, 1));
        var conv = new Conv(windows, 1);
        var sums = bias == null ? call.apply(conv, x, weights) : call.apply(conv, x, weights, bias);
        if (!states.isEmpty()) {
            var around = new ArrayList<Window>();
            for (int size : kernel)
                around.add(new Window(1, 1, (size - 1) / 2, size - 1 - (size - 1) / 2));
            sums =
                    Value.of(
                            call.add(
                                    sums,
                                    call.apply(new Conv(around, 1), states.get(0), recurrent)));
        }
        var gate = RecurrentLayers.gate(call);
        var activation = RecurrentLayers.activation(call, "activation", "tanh");
        var fresh =
                call.mul(
                        call.apply(gate, part(call, sums, 0)),
                        call.apply(activation, part(call, sums, 2)));
        var kept =
                states.isEmpty()
                        ? Value.of(fresh)
                        : Value.of(
                                call.add(
                                        call.mul(
                                                call.apply(gate, part(call, sums, 1)),
                                                states.get(1)),
                                        fresh));
        var output = call.mul(call.apply(gate, part(call, sums, 3)), call.apply(activation, kept));
        return List.of(Value.of(output), kept);
    }

    /// {@return the sums of a gate: input, forget, candidate, output}
    private static Value part(LayerCall call, Value sums, int gate) {
        int filters = call.config().integer("filters");
        return call.gather(
                sums, 1, IntStream.range(gate * filters, (gate + 1) * filters).toArray());
    }
}
