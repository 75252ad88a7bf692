package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.LayerWeights.ANY;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Attention: each query `[N, T, …]` gives a mean of the values `[N, S, …]`, by how well their keys
/// fit it.
final class AttentionLayers {
    /// What Keras adds to the score of a step that must not be seen.
    private static final double UNSEEN = -1e9;

    private AttentionLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("AdditiveAttention", call -> weighing(call, AttentionLayers::additive));
        table.put("Attention", call -> weighing(call, AttentionLayers::multiplicative));
        table.put("GroupQueryAttention", AttentionLayers::groupedQuery);
        table.put("GroupedQueryAttention", AttentionLayers::groupedQuery);
        table.put("MultiHeadAttention", AttentionLayers::multiHead);
    }

    /// The scores of keys for queries, `[N, T, S]`.
    @FunctionalInterface
    private interface Scores {
        Value of(LayerCall call, Value query, Value key);
    }

    /// The layers that get query, value and key in a list.
    private static Value weighing(LayerCall call, Scores scores) {
        var inputs = call.inputs();
        if (inputs.size() < 2 || inputs.size() > 3)
            throw call.wrong("inputs", "query, value and perhaps key", inputs.size());
        var query = expectRank(call, "query", inputs.get(0));
        var value = expectRank(call, "value", inputs.get(1));
        var key = expectRank(call, "key", inputs.getLast());
        var given = scores.of(call, query, inputs.size() == 3 ? key : value);
        boolean asked = call.arguments().flag(call.config(), "use_causal_mask");
        boolean causal = call.config().flag("causal", false) || asked;
        var seen = both(call, row(call, call.masks().of(value), 1), causal(call, given, causal));
        var shares = shares(call, given, seen);
        var y = call.apply(new MatMul(), shares, value);
        var queryMask = call.masks().of(query);
        if (queryMask != null) {
            var counts = call.apply(new Cast(DType.FLOAT32), call.unsqueeze(queryMask, 2));
            y = Value.of(call.mul(y, counts));
            call.masks().put(y, queryMask);
        }
        if (call.arguments().flag(call.config(), "return_attention_scores")) call.alsoGive(shares);
        return y;
    }

    private static Value expectRank(LayerCall call, String name, Value x) {
        if (x.type().rank() != 3) throw call.wrong(name, "rank 3", call.shape(x));
        return x;
    }

    private static Value multiplicative(LayerCall call, Value query, Value key) {
        var mode = call.config().choice("score_mode", "dot", "concat");
        Value scale = call.config().flag("use_scale", false) ? call.weight("scale") : null;
        if (mode.equals("dot")) {
            var scores = call.apply(new MatMul(), query, call.transpose(key, List.of(0, 2, 1)));
            return scale == null ? scores : Value.of(call.mul(scores, scale));
        }
        var sums = call.add(call.unsqueeze(query, 2), call.unsqueeze(key, 1));
        if (scale != null) sums = call.mul(sums, scale);
        var over = call.apply(new ReduceSum(false), call.apply(new Tanh(), sums), call.vector(3));
        return Value.of(call.mul(call.weight("concat_score_weight"), over));
    }

    private static Value additive(LayerCall call, Value query, Value key) {
        var sums = call.add(call.unsqueeze(query, 2), call.unsqueeze(key, 1));
        Value each = call.apply(new Tanh(), sums);
        if (call.config().flag("use_scale", true))
            each = Value.of(call.mul(each, call.weight("scale", call.fixed(query, 2))));
        return call.apply(new ReduceSum(false), each, call.vector(3));
    }

    /// {@return a mask of steps, `[N, T]`, with axes of extent 1 from some axis on}
    private static @Nullable Value row(LayerCall call, @Nullable Value mask, int... axes) {
        if (mask == null) return null;
        var y = mask;
        for (int axis : axes) y = call.unsqueeze(y, axis);
        return y;
    }

    private static @Nullable Value both(LayerCall call, @Nullable Value a, @Nullable Value b) {
        if (a == null) return b;
        return b == null ? a : call.apply(new And(), a, b);
    }

    /// {@return which keys each query may see, those that do not come after it: `[T, S]`}
    private static @Nullable Value causal(LayerCall call, Value scores, boolean wanted) {
        if (!wanted) return null;
        int rank = scores.type().rank();
        int rows = call.fixed(scores, rank - 2);
        int columns = call.fixed(scores, rank - 1);
        var seen = new boolean[rows * columns];
        for (int i = 0; i < seen.length; i++) seen[i] = i % columns <= i / columns;
        return call.constant(Tensor.of(seen, rows, columns));
    }

    private static Value shares(LayerCall call, Value scores, @Nullable Value seen) {
        var own =
                seen == null
                        ? scores
                        : call.apply(new Where(), seen, scores, call.scalar(DType.FLOAT32, UNSEEN));
        return call.apply(new Softmax(-1), own);
    }

    private static Value multiHead(LayerCall call) {
        var config = call.config();
        // what the weights say, too
        config.ignore("output_shape", "query_shape", "key_shape", "value_shape", "flash_attention");
        if (config.flag("use_gate", false)) throw config.wrong("use_gate", "false", true);
        if (config.get("attention_axes") instanceof List<?>
                && !config.integers("attention_axes").equals(List.of(1)))
            throw config.wrong("attention_axes", "[1]", config.get("attention_axes"));
        int heads = config.integer("num_heads");
        int size = config.integer("key_dim");
        int valueSize = config.integer("value_dim", size);
        return heads(call, heads, heads, size, valueSize);
    }

    private static Value groupedQuery(LayerCall call) {
        var config = call.config();
        config.ignore("flash_attention");
        if (config.flag("use_gate", false)) throw config.wrong("use_gate", "false", true);
        int heads = config.integer("num_query_heads");
        int shared = config.integer("num_key_value_heads");
        if (shared < 1 || heads % shared != 0)
            throw config.wrong("num_key_value_heads", "a divisor of " + heads, shared);
        int size = config.integer("head_dim");
        return heads(call, heads, shared, size, size);
    }

    private static Value needed(LayerCall call, int place, String name) {
        var given = call.argument(place, name);
        if (given == null) throw call.wrong(name, "a tensor", "none");
        return expectRank(call, name, given);
    }

    private static Value heads(LayerCall call, int heads, int shared, int size, int valueSize) {
        var query = needed(call, 0, "query");
        var value = needed(call, 1, "value");
        var given = call.argument(2, "key");
        var key = given == null ? value : expectRank(call, "key", given);
        boolean biased = call.config().flag("use_bias", true);
        var q = projected(call, "query", query, heads, size, biased);
        var k = repeated(call, projected(call, "key", key, shared, size, biased), heads / shared);
        var v = projected(call, "value", value, shared, valueSize, biased);
        v = repeated(call, v, heads / shared);
        var scale = call.scalar(DType.FLOAT32, 1 / Math.sqrt(size));
        var columns = call.transpose(k, List.of(0, 1, 3, 2));
        var scores = call.apply(new MatMul(), call.mul(q, scale), columns);
        var shares = shares(call, scores, seen(call, query, value, given, scores));
        var rows = call.transpose(call.apply(new MatMul(), shares, v), List.of(0, 2, 1, 3));
        var joined = call.reshape(rows, 0, 0, (long) heads * valueSize);
        var kernel = call.weight("output kernel", heads, valueSize, ANY);
        int width = call.fixed(kernel, 2);
        var flat = call.reshape(kernel, (long) heads * valueSize, width);
        var y = call.apply(new MatMul(), joined, flat);
        if (biased) y = Value.of(call.add(y, call.weight("output bias", width)));
        var queryMask = call.masks().of(query);
        if (queryMask != null) call.masks().put(y, queryMask);
        if (call.arguments().flag(call.config(), "return_attention_scores")) call.alsoGive(shares);
        return y;
    }

    /// {@return x `[N, T, C]` as `[N, heads, T, size]`}
    private static Value projected(
            LayerCall call, String role, Value x, int heads, int size, boolean biased) {
        var kernel = call.weight(role + " kernel", call.fixed(x, 2), heads, size);
        long width = (long) heads * size;
        var y = call.apply(new MatMul(), x, call.reshape(kernel, call.fixed(x, 2), width));
        if (biased) {
            var bias = call.weight(role + " bias", heads, size);
            y = Value.of(call.add(y, call.reshape(bias, width)));
        }
        return call.transpose(call.reshape(y, 0, 0, heads, size), List.of(0, 2, 1, 3));
    }

    /// {@return heads that each stand for as many neighbouring ones}
    private static Value repeated(LayerCall call, Value x, int times) {
        if (times == 1) return x;
        int heads = call.fixed(x, 1);
        return call.gather(x, 1, IntStream.range(0, heads * times).map(h -> h / times).toArray());
    }

    /// {@return which keys each query may see, to go with `[N, heads, T, S]`; null for all}
    private static @Nullable Value seen(
            LayerCall call, Value query, Value value, @Nullable Value key, Value scores) {
        var seen = row(call, call.masks().of(query), 1, 3);
        seen = both(call, seen, row(call, call.masks().of(value), 1, 1));
        if (key != null) seen = both(call, seen, row(call, call.masks().of(key), 1, 1));
        boolean causal = call.arguments().flag(call.config(), "use_causal_mask");
        seen = both(call, seen, causal(call, scores, causal));
        var mask = call.argument(-1, "attention_mask");
        if (mask == null) return seen;
        int rank = mask.type().rank();
        if (rank < 2 || rank > 4)
            throw call.wrong("attention_mask", "rank 2 to 4", call.shape(mask));
        // one for all heads
        var each = rank == 3 ? call.unsqueeze(mask, 1) : mask;
        return both(call, seen, call.apply(new Cast(DType.BOOL), each));
    }
}
