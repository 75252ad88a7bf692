package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.LayerNormalization;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Slice;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.Map;

/// Normalizations of the domain `com.microsoft`, with the sum that comes before them.
///
/// Source: ONNX Runtime, ContribOperators.md.
final class MicrosoftNormalizations {
    private static final float EPSILON = 1e-12f;

    private MicrosoftNormalizations() {}

    static void addTo(Map<String, Operator> table) {
        table.put("EmbedLayerNormalization", MicrosoftNormalizations::embed);
        table.put("SimplifiedLayerNormalization", NormalizationOperators::simplified);
        table.put("SkipLayerNormalization", MicrosoftNormalizations::skip);
        table.put("SkipSimplifiedLayerNormalization", MicrosoftNormalizations::skipSimplified);
    }

    /// {@return input + skip + bias}
    private static Value sum(Translation node, int bias) {
        var sum = node.add(node.input(0), node.input(1));
        return node.has(bias) ? node.add(sum, node.input(bias)) : sum;
    }

    /// The sum normalized, its means, its inverse deviations, and itself.
    private static List<Value> skip(Translation node) {
        var sum = sum(node, 4);
        var op = new LayerNormalization(-1, node.real("epsilon", EPSILON));
        var normal = node.applyAll(op, List.of(sum, node.input(2), node.optional(3)));
        return List.of(normal.get(0), normal.get(1), normal.get(2), sum);
    }

    /// As [#skip] by root mean squares, so that there is no mean.
    private static List<Value> skipSimplified(Translation node) {
        if (node.wants(1)) throw node.wrong("output 1 (mean)", "none", "one that is used");
        var sum = sum(node, 3);
        float epsilon = node.real("epsilon", EPSILON);
        var wide = node.cast(sum, ReductionOperators.wide(sum.type().dtype()));
        int last = node.rank(0) - 1;
        var normal =
                NormalizationOperators.rootMeanSquare(node, wide, node.input(2), last, epsilon);
        return List.of(normal.get(0), Value.ABSENT, normal.get(1), sum);
    }

    /// The embeddings of words, positions and segments, summed and normalized; how many words the
    /// mask shows; the sum.
    private static List<Value> embed(Translation node) {
        var words = node.input(0);
        node.integer("mask_index_type", 0); // of the second output, which is int32 either way
        var sum = node.apply(new Gather(0), node.input(2), words);
        sum = node.add(sum, positions(node));
        if (node.has(1) != node.has(4))
            throw node.wrong("segment_ids", "beside segment_embedding", "one without the other");
        if (node.has(1)) {
            if (node.wants(2))
                throw node.wrong("output 2 (embedding_sum)", "none beside segments", "one");
            sum = node.add(sum, node.apply(new Gather(0), node.input(4), node.input(1)));
        }
        var op = new LayerNormalization(-1, node.real("epsilon", EPSILON));
        var y = node.applyAll(op, List.of(sum, node.input(5), node.input(6))).getFirst();
        var shown =
                node.has(7)
                        ? node.apply(new Equal(), node.input(7), node.like(node.input(7), 1))
                        : node.sub(words, words);
        var counts =
                node.apply(
                        new ReduceSum(false, false), node.cast(shown, DType.INT32), node.vector(1));
        return List.of(y, counts, sum);
    }

    /// {@return the embeddings of the positions, which count from 0 if they are not given}
    private static Value positions(Translation node) {
        var table = node.input(3);
        return node.has(8)
                ? node.apply(new Gather(0), table, node.input(8))
                : node.apply(
                        new Slice(),
                        table,
                        node.vector(0),
                        node.vector(node.fixed(0, 1)),
                        node.vector(0));
    }
}
