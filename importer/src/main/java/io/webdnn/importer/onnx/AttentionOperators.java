package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.IsNaN;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Not;
import io.webdnn.graph.op.Or;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Trilu;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Attention and what belongs to it, written out in operators of the graph.
final class AttentionOperators {
    private AttentionOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Attention", AttentionOperators::attention);
        table.put("ai.onnx.preview:FlexAttention", single(AttentionOperators::flexAttention));
        table.put("RotaryEmbedding", single(AttentionOperators::rotaryEmbedding));
    }

    /// `softmax(softcap(Q·Kᵀ·scale) + mask)·V`, head by head; a row that is masked as a whole gives
    /// 0.
    private static List<Value> attention(Translation node) {
        boolean flat = node.rank(0) == 3;
        node.integer("softmax_precision", 1); // it is float32 at least
        var dtype = node.type(0).dtype();
        var wide = ReductionOperators.wide(dtype);
        var q = heads(node, node.input(0), "q_num_heads");
        var k = joined(node, 4, heads(node, node.input(1), "kv_num_heads"));
        var v = joined(node, 5, heads(node, node.input(2), "kv_num_heads"));
        float scale = node.real("scale", (float) (1 / Math.sqrt(fixed(node, q, 3))));
        var root = node.scalar(wide, Math.sqrt(scale)); // on both sides, for narrow floats
        var keys = node.mul(node.cast(repeated(node, k, q), wide), root);
        var columns = node.apply(new Transpose(List.of(0, 1, 3, 2)), keys);
        var scores = node.apply(new MatMul(), node.mul(node.cast(q, wide), root), columns);
        long mode = node.integer("qk_matmul_output_mode", 0);
        if (mode < 0 || mode > 3) throw node.wrong("qk_matmul_output_mode", "0 ... 3", mode);
        var shown = scores;
        float cap = node.real("softcap", 0);
        if (cap > 0) {
            var limit = node.scalar(wide, cap);
            scores = node.mul(node.apply(new Tanh(), node.div(scores, limit)), limit);
            if (mode == 1) shown = scores;
        }
        var bias = bias(node, scores, wide);
        var nothing = node.scalar(wide, Double.NEGATIVE_INFINITY);
        Value probabilities;
        if (bias == null) {
            if (mode == 2) shown = scores;
            probabilities = node.apply(new Softmax(-1), scores);
        } else {
            // By selection, as ∞ − ∞ is not a number.
            var isMasked = node.apply(new Equal(), bias, nothing);
            var masked = node.apply(new Where(), isMasked, nothing, node.add(scores, bias));
            if (mode == 2) shown = masked;
            var most = node.apply(new ReduceMax(true), bias, node.vector(-1));
            var isEmpty = node.apply(new Equal(), most, nothing);
            var softmax = node.apply(new Softmax(-1), masked);
            probabilities = node.apply(new Where(), isEmpty, node.like(softmax, 0), softmax);
        }
        if (mode == 3) shown = probabilities;
        var values = node.cast(repeated(node, v, q), wide);
        var y = node.cast(node.apply(new MatMul(), probabilities, values), dtype);
        if (flat) {
            y = node.apply(new Transpose(List.of(0, 2, 1, 3)), y);
            y = node.apply(new Reshape(), y, node.vector(0, 0, -1));
        }
        return List.of(y, k, v, node.cast(shown, dtype));
    }

    /// `probMod(softmax(scoreMod(Q·Kᵀ·scale)))·V`, head by head, with graphs that the node holds.
    private static Value flexAttention(Translation node) {
        var dtype = node.type(0).dtype();
        var wide = ReductionOperators.wide(dtype);
        for (int i = 0; i < 3; i++)
            if (node.rank(i) != 4) throw node.wrong("input " + i, "rank 4", node.type(i));
        node.integer("softmax_precision", 1); // it is float32 at least
        var q = node.input(0);
        float scale = node.real("scale", (float) (1 / Math.sqrt(fixed(node, q, 3))));
        var keys = node.cast(repeated(node, node.input(1), q), wide);
        var columns = node.apply(new Transpose(List.of(0, 1, 3, 2)), keys);
        var scores = node.apply(new MatMul(), node.cast(q, wide), columns);
        scores = node.mul(scores, node.scalar(wide, scale));
        scores = modified(node, "score_mod", scores, dtype, wide);
        var probabilities = node.apply(new Softmax(-1), scores);
        probabilities = modified(node, "prob_mod", probabilities, dtype, wide);
        var values = node.cast(repeated(node, node.input(2), q), wide);
        return node.cast(node.apply(new MatMul(), probabilities, values), dtype);
    }

    /// {@return what a graph that the node may hold makes of a value; it takes and gives the dtype
    /// that it declares}
    private static Value modified(
            Translation node, String attribute, Value value, DType dtype, DType wide) {
        if (!node.hasAttribute(attribute)) return value;
        var graph = node.graph(attribute);
        boolean isDeclared = graph.inputs().size() == 1;
        var taken =
                isDeclared && graph.inputs().getFirst().type() instanceof OnnxType.Of(var own, _)
                        ? own
                        : dtype;
        var made = node.body(graph, List.of(node.cast(value, taken)));
        if (made.size() != 1 || !made.getFirst().type().shape().equals(value.type().shape()))
            throw node.wrong(attribute, "one output " + value.type(), made);
        return node.cast(made.getFirst(), wide);
    }

    private static int fixed(Translation node, Value x, int axis) {
        var extent = x.type().shape().get(axis);
        if (!extent.isFixed())
            throw node.wrong("inputs", "a fixed extent on axis " + axis, x.type());
        return Math.toIntExact(extent.value());
    }

    /// {@return x as `[N, heads, length, size]`}
    private static Value heads(Translation node, Value x, String attribute) {
        long heads = node.integer(attribute, 0);
        if (x.type().rank() == 4) return x;
        if (x.type().rank() != 3) throw node.wrong("inputs", "rank 3 or 4", x.type());
        if (heads < 1) throw node.wrong(attribute, "a number >= 1 for rank 3", heads);
        var split = node.apply(new Reshape(), x, node.vector(0, 0, heads, -1));
        return node.apply(new Transpose(List.of(0, 2, 1, 3)), split);
    }

    /// {@return what an earlier run left, and this}
    private static Value joined(Translation node, int past, Value x) {
        return node.has(past) ? node.apply(new Concat(2), node.input(past), x) : x;
    }

    /// {@return keys or values with as many heads as the queries: each stands for its group}
    static Value repeated(Translation node, Value x, Value q) {
        int heads = fixed(node, q, 1);
        int own = fixed(node, x, 1);
        if (heads == own) return x;
        if (own < 1 || heads % own != 0)
            throw node.wrong("q_num_heads", "a multiple of kv_num_heads " + own, heads);
        var which = node.places("q_num_heads", heads);
        for (int h = 0; h < heads; h++) which[h] = h / (heads / own);
        return node.apply(new Gather(1), x, node.vector(which));
    }

    /// {@return what is added to the scores, −∞ where nothing may be seen, or null for nothing}
    private static @Nullable Value bias(Translation node, Value scores, DType wide) {
        var nothing = node.scalar(wide, Double.NEGATIVE_INFINITY);
        Value bias = node.has(3) ? mask(node, scores, wide) : null;
        boolean causal = node.flag("is_causal", false);
        Value seen = null;
        if (node.has(6)) {
            var rows = node.cast(node.apply(new Shape(2, 3), scores), DType.INT32);
            var lengths = node.cast(node.input(6), DType.INT32);
            var length = node.apply(new Unsqueeze(), lengths, node.vector(1, 2, 3));
            var column = node.count(scores, 3);
            seen = node.apply(new Less(), column, length);
            if (causal && !node.has(4)) {
                var offset = node.sub(length, rows);
                var last = node.add(node.count(scores, 2), offset);
                seen = node.apply(new And(), seen, node.apply(new LessOrEqual(), column, last));
                causal = false;
            }
        }
        if (causal) {
            var isNumber = node.apply(new IsNaN(), scores);
            var all = node.apply(new Or(), isNumber, node.apply(new Not(), isNumber));
            var past = node.has(4) ? node.apply(new Shape(2, 3), node.input(4)) : node.vector(0);
            var triangle = node.apply(new Trilu(false), all, past);
            seen = both(node, seen, triangle);
        }
        seen = both(node, seen, window(node, scores));
        if (seen == null) return bias;
        return node.apply(new Where(), seen, bias == null ? node.scalar(wide, 0) : bias, nothing);
    }

    private static @Nullable Value both(Translation node, @Nullable Value a, @Nullable Value b) {
        return a == null ? b : b == null ? a : node.apply(new And(), a, b);
    }

    /// {@return whether a key is within a window around the query's place, counted from what is
    /// known before it; null if there is no window}
    private static @Nullable Value window(Translation node, Value scores) {
        long left = node.integer("left_window_size", -1);
        long right = node.integer("right_window_size", -1);
        if (left < -1 || right < -1 || Math.max(left, right) > Integer.MAX_VALUE / 2)
            throw node.wrong("left_window_size, right_window_size", ">= -1", left + ", " + right);
        if (left < 0 && right < 0) return null;
        var place = node.count(scores, 2);
        if (node.has(4)) {
            var past = node.apply(new Shape(2, 3), node.input(4));
            place = node.add(place, node.cast(past, DType.INT32));
        } else if (node.has(6)) {
            var lengths = node.cast(node.input(6), DType.INT32);
            var length = node.apply(new Unsqueeze(), lengths, node.vector(1, 2, 3));
            var rows = node.cast(node.apply(new Shape(2, 3), scores), DType.INT32);
            place = node.add(place, node.sub(length, rows));
        }
        var key = node.count(scores, 3);
        Value seen = null;
        if (left >= 0) {
            var first = node.sub(place, node.like(place, left));
            seen = node.apply(new LessOrEqual(), first, key);
        }
        if (right >= 0) {
            var last = node.add(place, node.like(place, right));
            seen = both(node, seen, node.apply(new LessOrEqual(), key, last));
        }
        return seen;
    }

    /// {@return the mask as numbers; a shorter one hides what is behind it}
    private static Value mask(Translation node, Value scores, DType wide) {
        var mask = node.input(3);
        var nothing = node.scalar(wide, Double.NEGATIVE_INFINITY);
        mask =
                mask.type().dtype() == DType.BOOL
                        ? node.apply(new Where(), mask, node.scalar(wide, 0), nothing)
                        : node.cast(mask, wide);
        int rank = mask.type().rank();
        if (rank < 2 || rank > 4) throw node.wrong("attn_mask", "rank 2 to 4", mask.type());
        var own = mask.type().shape().get(rank - 1);
        var all = scores.type().shape().get(3);
        if (own.equals(all) || own.is(1) || !own.isFixed() || !all.isFixed()) return mask;
        if (own.value() > all.value())
            throw node.wrong("attn_mask", "at most " + all + " columns", mask.type());
        var pads = new long[2 * rank];
        pads[2 * rank - 1] = all.value() - own.value();
        return node.apply(new Pad(Pad.Mode.CONSTANT), mask, node.vector(pads), nothing);
    }

    /// Turns pairs of numbers of each head by the angle of their position: `(x·cos − y·sin, x·sin +
    /// y·cos)`.
    private static Value rotaryEmbedding(Translation node) {
        return rotated(
                node,
                node.input(0),
                cache(node, 1),
                cache(node, 2),
                node.integer("num_heads", 0),
                node.integer("rotary_embedding_dim", 0),
                node.flag("interleaved", false));
    }

    /// {@return `[N, T, heads · size]` or `[N, heads, T, size]`, turned by angles `[N, T, pairs]`}
    static Value rotated(
            Translation node,
            Value given,
            Value cosines,
            Value sines,
            long heads,
            long count,
            boolean interleaved) {
        var x = given;
        long turned = count;
        boolean flat = x.type().rank() == 3;
        if (flat) {
            if (heads < 1) throw node.wrong("num_heads", "a number >= 1 for rank 3", heads);
            x = node.apply(new Reshape(), x, node.vector(0, 0, heads, -1)); // [N, T, heads, size]
        } else if (x.type().rank() != 4) throw node.wrong("X", "rank 3 or 4", x.type());
        int size = fixed(node, x, 3);
        if (turned == 0) turned = size;
        if (turned < 0 || turned > size || turned % 2 != 0)
            throw node.wrong("rotary_embedding_dim", "an even number up to " + size, turned);
        var axis = node.vector(flat ? 2 : 1);
        var cos = node.apply(new Unsqueeze(), cosines, axis);
        var sin = node.apply(new Unsqueeze(), sines, axis);
        long half = turned / 2;
        var first = interleaved ? part(node, x, 0, turned, 2) : part(node, x, 0, half, 1);
        var second = interleaved ? part(node, x, 1, turned, 2) : part(node, x, half, turned, 1);
        var real = node.sub(node.mul(cos, first), node.mul(sin, second));
        var imaginary = node.add(node.mul(sin, first), node.mul(cos, second));
        var parts = new ArrayList<Value>();
        if (interleaved) {
            var last = node.vector(4);
            var pairs =
                    node.apply(
                            new Concat(4),
                            node.apply(new Unsqueeze(), real, last),
                            node.apply(new Unsqueeze(), imaginary, last));
            parts.add(node.apply(new Reshape(), pairs, node.vector(0, 0, 0, -1)));
        } else parts.addAll(List.of(real, imaginary));
        if (turned < size) parts.add(part(node, x, turned, size, 1));
        var y =
                parts.size() == 1
                        ? parts.getFirst()
                        : node.applyAll(new Concat(3), parts).getFirst();
        return flat ? node.apply(new Reshape(), y, node.vector(0, 0, -1)) : y;
    }

    /// {@return the rows of a cache that the positions ask for: `[N, T, size / 2]`}
    private static Value cache(Translation node, int which) {
        return node.has(3)
                ? node.apply(new Gather(0), node.input(which), node.input(3))
                : node.input(which);
    }

    private static Value part(Translation node, Value x, long from, long to, long step) {
        return node.apply(
                new Slice(),
                x,
                node.vector(from),
                node.vector(to),
                node.vector(3),
                node.vector(step));
    }
}
