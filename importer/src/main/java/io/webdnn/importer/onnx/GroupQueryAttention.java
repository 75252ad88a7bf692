package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.GatherND;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Split;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.tensor.DType;
import java.util.List;

/// Attention of decoders: several heads of the queries share one of the keys and values, and keys
/// and values of earlier runs are kept.
///
/// Sequence b has `seqlens_k[b] + 1` tokens, the new ones of this run last. What is kept has as
/// many rows as the longest sequence, or as came in if these are more: a buffer of the greatest
/// length stays as long. Rows behind the end of a sequence are 0.
///
/// Source: ONNX Runtime, ContribOperators.md.
final class GroupQueryAttention {
    private final Translation node;
    private final long heads;
    private final long keyHeads;
    private final Value length; // of what is new, [1], int32
    private final Value past; // how many tokens were before, [N], int32

    private GroupQueryAttention(Translation node) {
        this.node = node;
        heads = heads("num_heads");
        keyHeads = heads("kv_num_heads");
        if (heads % keyHeads != 0)
            throw node.wrong("num_heads", "a multiple of kv_num_heads " + keyHeads, heads);
        if (node.rank(0) != 3) throw node.wrong("query", "rank 3", node.type(0));
        if (node.rank(5) != 1) throw node.wrong("seqlens_k", "rank 1", node.type(5));
        length = int32(node.apply(new Shape(1, 2), node.input(0)));
        var before = node.sub(ends(), length);
        past = node.apply(new Max(), before, node.like(before, 0));
    }

    private long heads(String name) {
        long heads = node.integer(name, 0);
        if (heads < 1) throw node.wrong(name, "a number >= 1", heads);
        return heads;
    }

    static List<Value> translate(Translation node) {
        refuse(node);
        return new GroupQueryAttention(node).outputs();
    }

    private static void refuse(Translation node) {
        for (var name : List.of("k_quant_type", "v_quant_type")) {
            var type = node.text(name, "NONE");
            if (!type.isEmpty() && !type.equals("NONE")) throw node.wrong(name, "NONE", type);
        }
        node.ignore("kv_cache_bit_width"); // of what is quantized
        if (node.flag("sliding_window_cache", false))
            throw node.wrong("sliding_window_cache", "0", 1);
        node.integer("qk_output", 0);
        if (node.wants(3)) throw node.wrong("output 3 (output_qk)", "none", "one that is used");
        pair(node, 1, 2, "key, value");
        pair(node, 3, 4, "past_key, past_value");
        pair(node, 14, 15, "q_norm_weight, k_norm_weight");
    }

    private static void pair(Translation node, int a, int b, String names) {
        if (node.has(a) != node.has(b))
            throw node.wrong(names, "both or none", "one without the other");
    }

    private Value int32(Value x) {
        return node.cast(x, DType.INT32);
    }

    /// {@return how many tokens the sequences have, [N]}
    private Value ends() {
        var last = int32(node.input(5));
        return node.add(last, node.like(last, 1));
    }

    private Value unsqueezed(Value x, long... axes) {
        return node.apply(new Unsqueeze(), x, node.vector(axes));
    }

    private List<Value> outputs() {
        var parts = node.has(1) ? List.of(node.input(0), node.input(1), node.input(2)) : packed();
        var q = MicrosoftAttention.split(node, parts.get(0), heads);
        var k = MicrosoftAttention.split(node, parts.get(1), keyHeads);
        var v = MicrosoftAttention.split(node, parts.get(2), keyHeads);
        float epsilon = node.real("qk_norm_epsilon", 1e-6f);
        if (node.has(14)) {
            q = normalized(q, 14, epsilon);
            k = normalized(k, 15, epsilon);
        }
        boolean interleaved = node.flag("rotary_interleaved", false);
        if (node.flag("do_rotary", false)) {
            if (!node.has(7) || !node.has(8))
                throw node.wrong("cos_cache, sin_cache", "both beside do_rotary", "none");
            var positions =
                    node.has(9)
                            ? node.input(9)
                            : node.add(unsqueezed(past, 1), row(node.count(q, 2)));
            var cos = node.apply(new Gather(0), node.input(7), positions);
            var sin = node.apply(new Gather(0), node.input(8), positions);
            long turned = 2L * node.fixed(7, 1);
            q = AttentionOperators.rotated(node, q, cos, sin, heads, turned, interleaved);
            k = AttentionOperators.rotated(node, k, cos, sin, keyHeads, turned, interleaved);
        }
        if (node.has(3)) {
            var rows = rows();
            k = present(3, k, rows);
            v = present(4, v, rows);
        }
        return List.of(attended(q, k, v), k, v);
    }

    /// {@return indices along one axis as [1, count]}
    private Value row(Value indices) {
        return node.apply(new Reshape(), indices, node.vector(1, -1));
    }

    private List<Value> packed() {
        long hidden = node.fixed(0, 2);
        long all = heads + 2 * keyHeads;
        if (hidden % all != 0)
            throw node.wrong("query", "a last extent that " + all + " divides", node.type(0));
        long size = hidden / all;
        var sizes = node.vector(heads * size, keyHeads * size, keyHeads * size);
        return node.applyAll(new Split(2, 3), List.of(node.input(0), sizes));
    }

    /// {@return each head divided by its root mean square}
    private Value normalized(Value x, int weight, float epsilon) {
        var wide = node.cast(x, ReductionOperators.wide(x.type().dtype()));
        return NormalizationOperators.rootMeanSquare(node, wide, node.input(weight), 3, epsilon)
                .getFirst();
    }

    /// {@return the indices of the rows that are kept, `[1, rows]`}
    private Value rows() {
        if (!node.shape(6).elements().is(1))
            throw node.wrong("total_sequence_length", "one element", node.type(6));
        var kept = node.apply(new Shape(2, 3), node.input(3));
        var total = node.cast(node.input(6), DType.INT64);
        var most = node.apply(new Reshape(), node.apply(new Max(), total, kept), node.vector());
        return node.isMeasured(6)
                ? MeasuredOperators.places(node, int32(most), 2, 1)
                : row(node.below(most));
    }

    /// {@return what is kept, `[N, heads, rows, size]`: the past, then what is new}
    ///
    /// @param before the input that is the past
    private Value present(int before, Value x, Value rows) {
        var held = int32(node.apply(new Shape(2, 3), node.input(before)));
        var both = node.apply(new Concat(2), node.input(before), x);
        var tokens = node.apply(new Transpose(List.of(0, 2, 1, 3)), both);
        var count = unsqueezed(past, 1);
        var isPast = node.apply(new Less(), rows, count);
        var ahead = node.add(node.sub(rows, count), held);
        var last = node.sub(node.add(held, length), node.like(held, 1));
        var place = node.apply(new Where(), isPast, rows, node.apply(new Min(), ahead, last));
        var taken = node.apply(new GatherND(1), tokens, unsqueezed(place, 2));
        var isThere = node.apply(new Less(), rows, node.add(count, length));
        var kept = node.apply(new Where(), unsqueezed(isThere, 2, 3), taken, node.like(taken, 0));
        return node.apply(new Transpose(List.of(0, 2, 1, 3)), kept);
    }

    private Value attended(Value q, Value k, Value v) {
        var dtype = q.type().dtype();
        var wide = ReductionOperators.wide(dtype);
        var keys = node.cast(AttentionOperators.repeated(node, k, q), wide);
        var columns = node.apply(new Transpose(List.of(0, 1, 3, 2)), keys);
        var scores = node.apply(new MatMul(), node.cast(q, wide), columns);
        float scale = node.real("scale", 0);
        double size = q.type().shape().get(3).value();
        scores = node.mul(scores, node.scalar(wide, scale == 0 ? 1 / Math.sqrt(size) : scale));
        float cap = node.real("softcap", 0);
        if (cap > 0) {
            var limit = node.scalar(wide, cap);
            scores = node.mul(node.apply(new Tanh(), node.div(scores, limit)), limit);
        }
        if (node.has(10)) scores = node.add(scores, node.cast(bias(scores), wide));
        var hidden = node.scalar(wide, Double.NEGATIVE_INFINITY);
        var probabilities = softmax(node.apply(new Where(), seen(scores), scores, hidden), wide);
        var values = node.cast(AttentionOperators.repeated(node, v, q), wide);
        var y = node.cast(node.apply(new MatMul(), probabilities, values), dtype);
        y = node.apply(new Transpose(List.of(0, 2, 1, 3)), y);
        return node.apply(new Reshape(), y, node.vector(0, 0, -1));
    }

    /// {@return what is added to the scores; none of the columns that it lacks is seen}
    private Value bias(Value scores) {
        var bias = node.input(10);
        if (bias.type().rank() != 4) throw node.wrong("attention_bias", "rank 4", bias.type());
        if (bias.type().shape().get(3).equals(scores.type().shape().get(3))) return bias;
        var columns = node.apply(new Reshape(), node.count(scores, 3), node.vector(-1));
        var held = int32(node.apply(new Shape(3, 4), bias));
        var last = node.sub(held, node.like(held, 1));
        return node.apply(new Gather(3), bias, node.apply(new Min(), columns, last));
    }

    /// {@return which keys a query sees: those up to itself, within a window if there is one}
    private Value seen(Value scores) {
        long window = node.integer("local_window_size", -1);
        if (window < 1 && window != -1 || window > Integer.MAX_VALUE)
            throw node.wrong("local_window_size", "-1, or a number >= 1", window);
        var column = node.count(scores, 3);
        if (!node.flag("causal", true)) {
            if (window > 0) throw node.wrong("local_window_size", "-1 beside causal 0", window);
            return node.apply(new Less(), column, unsqueezed(ends(), 1, 2, 3));
        }
        var own = node.add(unsqueezed(past, 1, 2, 3), node.count(scores, 2));
        var seen = node.apply(new LessOrEqual(), column, own);
        if (window < 0) return seen;
        var edge = node.sub(own, node.like(own, window));
        return node.apply(new And(), seen, node.apply(new Greater(), column, edge));
    }

    /// {@return softmax; a sink is a score more, 0 or one for each head, that nothing comes from}
    private Value softmax(Value scores, DType wide) {
        boolean smooth = node.flag("smooth_softmax", false);
        if (!node.has(11) && !smooth) return node.apply(new Softmax(-1), scores);
        var sink =
                node.has(11)
                        ? node.apply(
                                new Reshape(),
                                node.cast(node.input(11), wide),
                                node.vector(heads, 1, 1))
                        : node.scalar(wide, 0);
        var last = node.vector(-1);
        var most = node.apply(new Max(), node.apply(new ReduceMax(true), scores, last), sink);
        var powers = node.apply(new Exp(), node.sub(scores, most));
        var sum = node.apply(new ReduceSum(true, false), powers, last);
        return node.div(powers, node.add(sum, node.apply(new Exp(), node.sub(sink, most))));
    }
}
