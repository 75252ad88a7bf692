package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.ReverseSequence;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.graph.op.Window;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Recurrences that are written out step by step, for which the number of steps must be known, and
/// a convolution that keeps its state.
final class RecurrentOperators {
    private RecurrentOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("CausalConvWithState", RecurrentOperators::causalConv);
        table.put("GRU", node -> recurrent(node, 3, List.of("Sigmoid", "Tanh")));
        table.put("LinearAttention", RecurrentOperators::linearAttention);
        table.put("RNN", node -> recurrent(node, 1, List.of("Tanh")));
    }

    /// {@return an initial state, `[D, N, H]` or, with `layout`, `[N, D, H]`, whose N is that of X}
    static Value state(Translation node, int i) {
        if (node.rank(0) != 3 || node.rank(1) != 3 || node.rank(2) != 3) return node.input(i);
        var directions = node.shape(1).get(0);
        var hidden = node.shape(2).get(2);
        return node.agreeing(
                node.input(i),
                node.flag("layout", false)
                        ? Shape.of(node.shape(0).get(0), directions, hidden)
                        : Shape.of(directions, node.shape(0).get(1), hidden));
    }

    private static Value at(Translation node, Value x, int axis, long index) {
        return node.apply(new Gather(axis), x, node.constant(Tensor.of(new long[] {index})));
    }

    private static Value stacked(Translation node, List<Value> parts, int axis) {
        var layers = new ArrayList<Value>();
        for (var part : parts) layers.add(node.apply(new Unsqueeze(), part, node.vector(axis)));
        return layers.size() == 1
                ? layers.getFirst()
                : node.applyAll(new Concat(axis), layers).getFirst();
    }

    private static Value transposed(Translation node, Value x, Integer... order) {
        return node.apply(new Transpose(List.of(order)), x);
    }

    private static Value part(Translation node, Value x, int axis, long from, long to) {
        return node.apply(new Slice(), x, node.vector(from), node.vector(to), node.vector(axis));
    }

    /// The cells of RNN and GRU; W, R and B hold `gates` parts.
    private static List<Value> recurrent(Translation node, int gates, List<String> defaults) {
        var direction = node.choice("direction", "forward", "reverse", "bidirectional");
        int directions = direction.equals("bidirectional") ? 2 : 1;
        int hidden = Math.toIntExact(node.integer("hidden_size", node.fixed(2, 2)));
        if (hidden != node.fixed(2, 2))
            throw node.wrong("hidden_size", String.valueOf(node.fixed(2, 2)), hidden);
        boolean batchFirst = node.flag("layout", false);
        var functions = NetworkOperators.activations(node, defaults, directions);
        var x = batchFirst ? transposed(node, node.input(0), 1, 0, 2) : node.input(0);
        var first = node.has(5) ? state(node, 5) : null;
        if (first != null && batchFirst) first = transposed(node, first, 1, 0, 2);
        var sequences = new ArrayList<Value>();
        var lasts = new ArrayList<Value>();
        for (int d = 0; d < directions; d++) {
            boolean reversed = direction.equals("reverse") || d == 1;
            int own = defaults.size();
            var cell = new Cell(node, d, gates, hidden, functions.subList(d * own, (d + 1) * own));
            var states = new ArrayList<Value>();
            var given = first == null ? null : at(node, first, 0, d);
            lasts.add(cell.run(reversed ? turned(node, x) : x, given, states));
            var sequence = stacked(node, states, 0);
            sequences.add(reversed ? turned(node, sequence) : sequence);
        }
        var y = stacked(node, sequences, 1);
        var last = stacked(node, lasts, 0);
        return batchFirst
                ? List.of(transposed(node, y, 2, 0, 1, 3), transposed(node, last, 1, 0, 2))
                : List.of(y, last);
    }

    /// {@return a sequence `[T, N, …]` from each one's end to its begin}
    private static Value turned(Translation node, Value x) {
        if (node.has(4)) return node.apply(new ReverseSequence(1, 0), x, node.input(4));
        int steps = x.type().shape().size(0);
        var places = node.places("X", steps);
        for (int t = 0; t < steps; t++) places[t] = steps - 1L - t;
        return node.apply(new Gather(0), x, node.vector(places));
    }

    /// One direction of a cell.
    private record Cell(
            Translation node, int direction, int gates, int hidden, List<Elementwise> functions) {
        /// {@return the last state}
        ///
        /// @param states takes the outputs of all steps, 0 behind the end of a sequence
        Value run(Value x, @Nullable Value first, List<Value> states) {
            var dtype = x.type().dtype();
            var shape = x.type().shape();
            if (!shape.get(0).isFixed()) throw node.wrong("X", "a fixed number of steps", x.type());
            int steps = shape.size(0);
            if (steps < 1) throw node.wrong("X", "a step at least", x.type());
            var weight = transposed(node, at(node, node.input(1), 0, direction), 1, 0);
            var fromInput = node.apply(new MatMul(), x, weight);
            if (node.has(3)) fromInput = node.add(fromInput, bias(0));
            var zero = node.scalar(dtype, 0);
            var state = first; // null for 0
            for (int t = 0; t < steps; t++) {
                var next = step(at(node, fromInput, 0, t), state);
                if (node.has(4)) {
                    var lengths = node.cast(node.input(4), DType.INT32);
                    var isRunning = node.apply(new Less(), node.like(lengths, t), lengths);
                    var runs = node.apply(new Unsqueeze(), isRunning, node.vector(1));
                    states.add(node.apply(new Where(), runs, next, zero));
                    state = node.apply(new Where(), runs, next, state == null ? zero : state);
                } else {
                    states.add(next);
                    state = next;
                }
            }
            if (state == null) throw new AssertionError("no step");
            return state;
        }

        /// {@return the bias of the input (0) or of the state (1)}
        private Value bias(int which) {
            var all = at(node, node.input(3), 0, direction);
            long size = (long) gates * hidden;
            return part(node, all, 0, which * size, (which + 1) * size);
        }

        private Value gate(Value x, int gate) {
            return part(node, x, 1, (long) gate * hidden, (gate + 1L) * hidden);
        }

        private Value activated(int which, Value x) {
            var clip = node.hasAttribute("clip") ? node.real("clip", 0) : 0;
            var clipped =
                    clip > 0
                            ? node.apply(new Clip(), x, node.like(x, -clip), node.like(x, clip))
                            : x;
            return node.apply(functions.get(which), clipped);
        }

        /// {@return h · Rᵀ and its bias, for the gates from one on; null for 0}
        private @Nullable Value fromState(@Nullable Value state, int from, int to) {
            Value sum = null;
            if (state != null) {
                var all = at(node, node.input(2), 0, direction);
                var own = part(node, all, 0, (long) from * hidden, (long) to * hidden);
                sum = node.apply(new MatMul(), state, transposed(node, own, 1, 0));
            }
            if (!node.has(3)) return sum;
            var bias = part(node, bias(1), 0, (long) from * hidden, (long) to * hidden);
            return sum == null ? bias : node.add(sum, bias);
        }

        private Value plus(Value x, @Nullable Value y) {
            return y == null ? x : node.add(x, y);
        }

        private Value step(Value x, @Nullable Value state) {
            if (gates == 1) return activated(0, plus(x, fromState(state, 0, 1)));
            boolean resetsAfter = node.flag("linear_before_reset", false);
            var update = gate(x, 0);
            var reset = gate(x, 1);
            update = activated(0, plus(update, fromState(state, 0, 1)));
            reset = activated(0, plus(reset, fromState(state, 1, 2)));
            Value recurrent;
            if (resetsAfter) {
                var linear = fromState(state, 2, 3);
                recurrent = linear == null ? null : node.mul(reset, linear);
            } else {
                recurrent = fromState(state == null ? null : node.mul(reset, state), 2, 3);
            }
            var candidate = activated(1, plus(gate(x, 2), recurrent));
            var fresh = node.mul(node.sub(node.like(update, 1), update), candidate);
            return state == null ? fresh : node.add(fresh, node.mul(update, state));
        }
    }

    /// A depthwise convolution over what an earlier run left and this, and what this leaves.
    private static List<Value> causalConv(Translation node) {
        var activation = node.choice("activation", "none", "silu", "swish");
        int channels = node.fixed(1, 0);
        int taps = node.fixed(1, 2);
        var x = node.input(0);
        if (x.type().rank() != 3) throw node.wrong("input", "rank 3", x.type());
        var bias = node.optional(2);
        Value y;
        Value whole;
        if (node.has(3)) {
            whole = node.apply(new Concat(2), node.input(3), x);
        } else {
            var pads = node.vector(0, 0, taps - 1, 0, 0, 0);
            whole = node.apply(new Pad(Pad.Mode.CONSTANT), x, pads);
        }
        var conv = new Conv(List.of(Window.PLAIN), channels);
        y =
                bias.isAbsent()
                        ? node.apply(conv, whole, node.input(1))
                        : node.apply(conv, whole, node.input(1), bias);
        if (!activation.equals("none")) y = node.mul(y, node.apply(new Sigmoid(), y));
        var length = whole.type().shape().get(2);
        if (!length.isFixed()) throw node.wrong("input", "a fixed length", x.type());
        return List.of(y, part(node, whole, 2, length.value() - taps + 1, length.value()));
    }

    /// Attention whose state is a matrix: at each step `S ← decay·S + k ⊗ v` and `y = scale · q·S`;
    /// by the delta rules, v is first corrected by what S already gives for k.
    private static List<Value> linearAttention(Translation node) {
        node.ignore("chunk_size"); // how to compute it
        var rule = node.choice("update_rule", "gated_delta", "linear", "gated", "delta");
        boolean corrects = rule.endsWith("delta");
        boolean decays = rule.startsWith("gated");
        long queryHeads = node.integer("q_num_heads", 0);
        long heads = node.integer("kv_num_heads", 0);
        if (heads < 1 || queryHeads < 1 || queryHeads % heads != 0)
            throw node.wrong("q_num_heads", "a multiple of kv_num_heads " + heads, queryHeads);
        var dtype = node.type(0).dtype();
        int steps = node.fixed(0, 1);
        if (steps < 1 || steps > 4096) throw node.wrong("query", "1 to 4096 steps", steps);
        int keySize = Math.toIntExact(node.fixed(0, 2) / queryHeads);
        int valueSize = Math.toIntExact(node.fixed(2, 2) / heads);
        float scale = node.real("scale", 0);
        if (scale == 0) scale = (float) (1 / Math.sqrt(keySize));
        var query = unpacked(node, 0, queryHeads);
        var key = unpacked(node, 1, heads);
        var value = unpacked(node, 2, heads);
        if (decays != node.has(4)) throw node.wrong("decay", "given for gated rules only", rule);
        if (corrects != node.has(5)) throw node.wrong("beta", "given for delta rules only", rule);
        var decay = decays ? node.apply(new Exp(), unpacked(node, 4, heads)) : null;
        var beta = corrects ? unpacked(node, 5, Math.min(heads, node.fixed(5, 2))) : null;
        var erased = corrects && node.has(6) ? node.mul(unpacked(node, 6, heads), key) : key;
        var stateType = node.has(3) ? node.type(3).dtype() : dtype;
        Value state =
                node.has(3)
                        ? node.cast(node.input(3), DType.FLOAT32)
                        : node.constant(Tensor.zeros(DType.FLOAT32, 1, 1, keySize, valueSize));
        var which = node.places("q_num_heads", queryHeads);
        for (int h = 0; h < which.length; h++) which[h] = h / (queryHeads / heads);
        var rows = new ArrayList<Value>();
        for (int t = 0; t < steps; t++) {
            var k = at(node, key, 2, t); // [N, heads, keySize]
            var v = at(node, value, 2, t);
            if (decay != null)
                state =
                        node.mul(
                                state,
                                node.apply(new Unsqueeze(), at(node, decay, 2, t), node.vector(3)));
            if (beta != null)
                v =
                        node.mul(
                                at(node, beta, 2, t),
                                node.sub(v, read(node, at(node, erased, 2, t), state)));
            var column = node.apply(new Unsqueeze(), k, node.vector(3));
            var row = node.apply(new Unsqueeze(), v, node.vector(2));
            state = node.add(state, node.mul(column, row));
            var seen =
                    queryHeads == heads
                            ? state
                            : node.apply(new Gather(1), state, node.vector(which));
            rows.add(read(node, at(node, query, 2, t), seen));
        }
        var y = node.mul(stacked(node, rows, 1), node.scalar(DType.FLOAT32, scale));
        var packed =
                node.apply(new Reshape(), y, node.vector(0, 0, -1)); // from [N, T, heads, size]
        return List.of(node.cast(packed, dtype), node.cast(state, stateType));
    }

    /// {@return Σ_d k[…, d] · state[…, d, m]}
    private static Value read(Translation node, Value k, Value state) {
        var row = node.apply(new Unsqueeze(), k, node.vector(2));
        return node.apply(new Squeeze(), node.apply(new MatMul(), row, state), node.vector(2));
    }

    /// {@return an input `[N, T, heads · size]` as `[N, heads, T, size]`, float32}
    private static Value unpacked(Translation node, int i, long heads) {
        if (node.rank(i) != 3) throw node.wrong("input " + i, "rank 3", node.type(i));
        var split = node.apply(new Reshape(), node.input(i), node.vector(0, 0, heads, -1));
        return node.cast(transposed(node, split, 0, 2, 1, 3), DType.FLOAT32);
    }
}
