package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.GreaterOrEqual;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Split;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.Map;

/// Attention of the domain `com.microsoft`. Queries, keys and values are `[N, heads, length, size]`
/// here.
///
/// Source: ONNX Runtime, ContribOperators.md.
final class MicrosoftAttention {
    private MicrosoftAttention() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Attention", MicrosoftAttention::attention);
        table.put("GroupQueryAttention", GroupQueryAttention::translate);
        table.put("MultiHeadAttention", MicrosoftAttention::multiHeadAttention);
        table.put("QAttention", MicrosoftAttention::quantizedAttention);
        table.put("RotaryEmbedding", single(MicrosoftAttention::rotaryEmbedding));
    }

    private static long heads(Translation node) {
        long heads = node.integer("num_heads", 0);
        if (heads < 1) throw node.wrong("num_heads", "a number >= 1", heads);
        return heads;
    }

    private static int fixed(Translation node, Value x, int axis) {
        var extent = x.type().shape().get(axis);
        if (!extent.isFixed())
            throw node.wrong("inputs", "a fixed extent on axis " + axis, x.type());
        return Math.toIntExact(extent.value());
    }

    /// {@return the extent of an axis, as a vector of one number}
    private static Value length(Translation node, Value x, int axis) {
        return node.apply(new Shape(axis, axis + 1), x);
    }

    /// {@return `[N, length, heads · size]` head by head}
    static Value split(Translation node, Value x, long heads) {
        var split = node.apply(new Reshape(), x, node.vector(0, 0, heads, -1));
        return node.apply(new Transpose(List.of(0, 2, 1, 3)), split);
    }

    /// {@return one of the tensors that stand side by side on an axis}
    private static Value part(Translation node, Value x, int axis, int which) {
        return node.apply(new Gather(axis), x, node.scalar(DType.INT64, which));
    }

    private static void refuse(Translation node, int i, String what) {
        if (node.has(i)) throw node.wrong("input " + i + " (" + what + ")", "none", "one");
    }

    /// Queries, keys and values, each by itself or packed; a bias for them.
    private static List<Value> multiHeadAttention(Translation node) {
        refuse(node, 8, "past_sequence_length");
        refuse(node, 9, "cache_indirection");
        long heads = heads(node);
        boolean packed = node.rank(0) == 5;
        boolean packedKeys = node.has(1) && node.rank(1) == 5;
        boolean ready = node.has(1) && node.rank(1) == 4; // from the encoder, head by head
        if (ready && node.has(3)) throw node.wrong("bias", "none beside keys of rank 4", "one");
        var q = packed ? packed(node, 0, 0) : split(node, node.input(0), heads);
        var k =
                packed
                        ? packed(node, 0, 1)
                        : packedKeys
                                ? packed(node, 1, 0)
                                : ready ? node.input(1) : split(node, node.input(1), heads);
        var v =
                packed
                        ? packed(node, 0, 2)
                        : packedKeys
                                ? packed(node, 1, 1)
                                : ready ? node.input(2) : split(node, node.input(2), heads);
        if (node.has(3)) {
            long size = heads * fixed(node, q, 3);
            q = node.add(q, bias(node, heads, 0, size));
            k = node.add(k, bias(node, heads, size, 2 * size));
            v = node.add(v, bias(node, heads, 2 * size, Long.MAX_VALUE));
        }
        if (node.has(6) != node.has(7))
            throw node.wrong("past_key", "beside past_value", "one without the other");
        var past = node.has(6) ? length(node, node.input(6), 2) : node.vector(0);
        if (node.has(6)) {
            k = node.apply(new Concat(2), node.input(6), k);
            v = node.apply(new Concat(2), node.input(7), v);
        }
        if (node.wants(3)) throw node.wrong("output 3 (qk)", "none", "one that is used");
        return List.of(attended(node, q, k, v, past, 4, node.optional(5)), k, v);
    }

    /// {@return a part of `[N, length, heads, parts, size]`}
    private static Value packed(Translation node, int i, int which) {
        var of = part(node, node.input(i), 3, which);
        return node.apply(new Transpose(List.of(0, 2, 1, 3)), of);
    }

    /// {@return the bias of the heads: `[heads, 1, size]`}
    private static Value bias(Translation node, long heads, long from, long to) {
        var of = node.apply(new Slice(), node.input(3), node.vector(from), node.vector(to));
        return node.apply(new Reshape(), of, node.vector(heads, 1, -1));
    }

    /// Queries, keys and values are products of one input with weights that stand side by side.
    private static List<Value> attention(Translation node) {
        refuse(node, 6, "past_sequence_length");
        refuseFlags(node);
        node.ignore("rotary_embedding_dim"); // as there is no rotation
        var all = node.apply(new MatMul(), node.input(0), node.input(1));
        if (node.has(2)) all = node.add(all, node.input(2));
        var sizes = node.integers("qkv_hidden_sizes");
        if (sizes != null && sizes.size() != 3) throw node.wrong("qkv_hidden_sizes", "3", sizes);
        var parts =
                node.applyAll(
                        new Split(2, 3),
                        sizes == null ? List.of(all) : List.of(all, node.vector(sizes)));
        return attention(node, parts, 3, 4, node.optional(5));
    }

    /// As [#attention], where input and weights are quantized.
    private static List<Value> quantizedAttention(Translation node) {
        refuseFlags(node);
        var zero = node.has(6) ? MicrosoftQuantization.alone(node, 6, "input_zero_point") : null;
        var input = QuantizationOperators.difference(node, 0, zero);
        var scale = MicrosoftQuantization.alone(node, 3, "input_scale");
        var all = MicrosoftQuantization.product(node, input, scale, 4, 7, 2);
        return attention(node, node.applyAll(new Split(2, 3), List.of(all)), 5, 8, Value.ABSENT);
    }

    private static void refuseFlags(Translation node) {
        for (var name : List.of("do_rotary", "past_present_share_buffer"))
            if (node.flag(name, false)) throw node.wrong(name, "0", 1);
    }

    /// @param parts queries, keys and values, `[N, length, heads · size]`
    /// @param mask the input that is the mask
    /// @param before the input that has keys and values of earlier runs, one after another
    private static List<Value> attention(
            Translation node, List<Value> parts, int mask, int before, Value added) {
        long heads = heads(node);
        var q = split(node, parts.get(0), heads);
        var k = split(node, parts.get(1), heads);
        var v = split(node, parts.get(2), heads);
        var past = node.has(before) ? length(node, node.input(before), 3) : node.vector(0);
        if (node.has(before)) {
            k = node.apply(new Concat(2), part(node, node.input(before), 0, 0), k);
            v = node.apply(new Concat(2), part(node, node.input(before), 0, 1), v);
        }
        var y = attended(node, q, k, v, past, mask, added);
        if (!node.wants(1)) return List.of(y);
        var first = node.vector(0);
        var present =
                node.apply(
                        new Concat(0),
                        node.apply(new Unsqueeze(), k, first),
                        node.apply(new Unsqueeze(), v, first));
        return List.of(y, present);
    }

    /// {@return `softmax(Q·Kᵀ·scale + mask + bias)·V` as `[N, length, heads · size]`}
    ///
    /// @param past how many keys come before those of the first query
    /// @param mask the input that says which keys may be seen
    /// @param added to the scores, or absent
    private static Value attended(
            Translation node, Value q, Value k, Value v, Value past, int mask, Value added) {
        var dtype = q.type().dtype();
        var wide = ReductionOperators.wide(dtype);
        float scale = node.real("scale", 0);
        double factor = scale == 0 ? 1 / Math.sqrt(fixed(node, q, 3)) : scale;
        var columns = node.apply(new Transpose(List.of(0, 1, 3, 2)), node.cast(k, wide));
        var scores = node.apply(new MatMul(), node.cast(q, wide), columns);
        scores = node.mul(scores, node.scalar(wide, factor));
        float filter = node.real("mask_filter_value", -10000);
        if (node.has(mask)) {
            var seen = seen(node, mask, scores);
            var hidden = node.scalar(wide, filter);
            scores = node.add(scores, node.apply(new Where(), seen, node.like(hidden, 0), hidden));
        }
        if (!added.isAbsent()) scores = node.add(scores, node.cast(added, wide));
        if (node.flag("unidirectional", false)) {
            var last = node.add(node.count(scores, 2), node.cast(past, DType.INT32));
            var column = node.count(scores, 3);
            var before = node.apply(new LessOrEqual(), column, last);
            var lowest = node.scalar(wide, -Float.MAX_VALUE);
            scores = node.apply(new Where(), before, scores, lowest);
        }
        var probabilities = node.apply(new Softmax(-1), scores);
        var y = node.apply(new MatMul(), probabilities, node.cast(v, wide));
        y = node.apply(new Transpose(List.of(0, 2, 1, 3)), node.cast(y, dtype));
        return node.apply(new Reshape(), y, node.vector(0, 0, -1));
    }

    /// {@return which keys may be seen, to broadcast to the scores: what a mask of rank 2 or 3
    /// shows, or those before an end (and from a start on, where there are twice as many numbers as
    /// sequences)}
    private static Value seen(Translation node, int i, Value scores) {
        var mask = node.input(i);
        int rank = mask.type().rank();
        if (rank == 2 || rank == 3) {
            var shown = node.apply(new Greater(), mask, node.like(mask, 0));
            return node.apply(
                    new Unsqueeze(), shown, rank == 2 ? node.vector(1, 2) : node.vector(1));
        }
        if (rank != 1) throw node.wrong("mask", "rank 1 to 3", mask.type());
        var count = mask.type().shape().get(0);
        var batch = scores.type().shape().get(0);
        boolean ends = count.equals(batch);
        if (!ends && !count.equals(batch.times(2)))
            throw node.wrong("mask", batch + " or " + batch.times(2) + " positions", mask.type());
        var positions = node.apply(new Reshape(), mask, node.vector(ends ? 1 : 2, -1, 1, 1, 1));
        var column = node.count(scores, 3);
        var seen = node.apply(new Less(), column, part(node, positions, 0, 0));
        if (ends) return seen;
        var begun = node.apply(new GreaterOrEqual(), column, part(node, positions, 0, 1));
        return node.apply(new And(), seen, begun);
    }

    /// One position is that of the first element; the others follow it.
    private static Value rotaryEmbedding(Translation node) {
        var x = node.input(0);
        if (node.flag("is_packed_batching", false)) throw node.wrong("is_packed_batching", "0", 1);
        if (node.real("scale", 1) != 1) throw node.wrong("scale", "1", node.real("scale", 1));
        int rank = x.type().rank();
        if (rank != 3 && rank != 4) throw node.wrong("input", "rank 3 or 4", x.type());
        boolean interleaved = node.flag("interleaved", false);
        long turned = node.integer("rotary_embedding_dim", 0);
        long heads = node.integer("num_heads", 0);
        if (turned > 0 && heads < 1 && rank == 3)
            throw node.wrong("num_heads", "a number >= 1 beside rotary_embedding_dim", heads);
        long pairs = node.fixed(2, 1);
        if (heads == 0 && rank == 3) heads = fixed(node, x, 2) / (2 * pairs);
        var positions = node.input(1);
        if (positions.type().shape().elements().is(1) && positions.type().rank() < 2) {
            var first = node.apply(new Reshape(), positions, node.vector(new long[0]));
            var places = node.apply(new Reshape(), node.count(x, rank - 2), node.vector(1, -1));
            positions = node.add(node.cast(first, DType.INT32), places);
        }
        var cos = node.apply(new Gather(0), node.input(2), positions);
        var sin = node.apply(new Gather(0), node.input(3), positions);
        return AttentionOperators.rotated(
                node, x, cos, sin, heads, turned == 0 ? 2 * pairs : turned, interleaved);
    }
}
