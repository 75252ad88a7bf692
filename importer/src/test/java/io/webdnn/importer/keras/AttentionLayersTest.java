package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Attention against the formulas of Keras's documentation in plain loops.
final class AttentionLayersTest {
    private static final int BATCH = 2;
    private static final int QUERIES = 3;
    private static final int KEYS = 4;

    /// The score of a key for a query.
    private interface Score {
        double of(int n, int t, int s);
    }

    /// {@return the share that each key has in a query's result}
    private static double[] shares(int n, int t, int keys, Score score, IntBinaryOperator seen) {
        var shares = new double[keys];
        double most = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < keys; s++) {
            shares[s] = seen.applyAsInt(t, s) == 1 ? score.of(n, t, s) : -1e9;
            most = Math.max(most, shares[s]);
        }
        double sum = 0;
        for (int s = 0; s < keys; s++) {
            shares[s] = Math.exp(shares[s] - most);
            sum += shares[s];
        }
        for (int s = 0; s < keys; s++) shares[s] /= sum;
        return shares;
    }

    private static void assertClose(double expected, Tensor actual, int place) {
        assertEquals(expected, actual.getDouble(place), 2e-5, "element " + place);
    }

    private static double at(Tensor x, int... index) {
        int place = 0;
        for (int d = 0; d < index.length; d++) place = place * x.shape()[d] + index[d];
        return x.getDouble(place);
    }

    private static void checkLists(
            String kind,
            String attributes,
            String call,
            Score score,
            IntBinaryOperator seen,
            Tensor q,
            Tensor v,
            Tensor k,
            Tensor... weights) {
        var inbound = "[[['x0', 0, 0, {" + call + "}], ['x1', 0, 0, {}], ['x2', 0, 0, {}]]]";
        var model =
                SmallModel.functional(
                        "2.9.0",
                        kind,
                        attributes,
                        List.of("3, 5", "4, 2", "4, 5"),
                        inbound,
                        weights);
        var y = model.run(q, v, k);
        assertEquals("[2, 3, 2]", Arrays.toString(y.shape()));
        for (int n = 0; n < BATCH; n++) {
            for (int t = 0; t < QUERIES; t++) {
                var shares = shares(n, t, KEYS, score, seen);
                for (int c = 0; c < 2; c++) {
                    double sum = 0;
                    for (int s = 0; s < KEYS; s++) sum += shares[s] * at(v, n, s, c);
                    assertClose(sum, y, (n * QUERIES + t) * 2 + c);
                }
            }
        }
    }

    private final Tensor q = SmallModel.random(1, BATCH, QUERIES, 5);
    private final Tensor v = SmallModel.random(2, BATCH, KEYS, 2);
    private final Tensor k = SmallModel.random(3, BATCH, KEYS, 5);

    private double product(int n, int t, int s) {
        double sum = 0;
        for (int c = 0; c < 5; c++) sum += at(q, n, t, c) * at(k, n, s, c);
        return sum;
    }

    @Test
    void attention() {
        checkLists("Attention", "'use_scale': false", "", this::product, (_, _) -> 1, q, v, k);
        var scale = Tensor.of(new float[] {0.7f}, new int[0]);
        checkLists(
                "Attention",
                "'use_scale': true, 'score_mode': 'dot', 'dropout': 0.1",
                "'use_causal_mask': true",
                (n, t, s) -> 0.7f * product(n, t, s),
                (t, s) -> s <= t ? 1 : 0,
                q,
                v,
                k,
                scale);
    }

    @Test
    void attentionOfSums() {
        var weight = Tensor.of(new float[] {1.3f}, new int[0]);
        checkLists(
                "Attention",
                "'use_scale': false, 'score_mode': 'concat'",
                "",
                (n, t, s) -> {
                    double sum = 0;
                    for (int c = 0; c < 5; c++) sum += Math.tanh(at(q, n, t, c) + at(k, n, s, c));
                    return 1.3f * sum;
                },
                (_, _) -> 1,
                q,
                v,
                k,
                weight);
        var scale = SmallModel.random(4, 5);
        checkLists(
                "AdditiveAttention",
                "'use_scale': true",
                "",
                (n, t, s) -> {
                    double sum = 0;
                    for (int c = 0; c < 5; c++)
                        sum += at(scale, c) * Math.tanh(at(q, n, t, c) + at(k, n, s, c));
                    return sum;
                },
                (_, _) -> 1,
                q,
                v,
                k,
                scale);
    }

    private static double projected(
            Tensor x, Tensor kernel, Tensor bias, int n, int t, int h, int c) {
        double sum = at(bias, h, c);
        for (int i = 0; i < x.shape()[2]; i++) sum += at(x, n, t, i) * at(kernel, i, h, c);
        return sum;
    }

    /// Heads with keys of 3 and values of 2 numbers; `shared` heads of keys and values.
    private void checkHeads(
            SmallModel model,
            Tensor x,
            Tensor y,
            @Nullable Tensor mask,
            int heads,
            int shared,
            int size,
            int valueSize,
            boolean causal,
            Tensor[] w) {
        var given = mask == null ? List.of(x, y) : List.of(x, y, mask);
        var outputs = Interpreter.run(model.importer().graph(), given);
        var result = outputs.getFirst();
        for (int n = 0; n < BATCH; n++) {
            for (int t = 0; t < QUERIES; t++) {
                var expected = new double[5];
                for (int c = 0; c < 5; c++) expected[c] = at(w[7], c);
                for (int h = 0; h < heads; h++) {
                    int of = h / (heads / shared);
                    int head = h;
                    int example = n;
                    Score score =
                            (m, row, s) -> {
                                double sum = 0;
                                for (int c = 0; c < size; c++)
                                    sum +=
                                            projected(x, w[0], w[1], m, row, head, c)
                                                    * projected(y, w[2], w[3], m, s, of, c);
                                return sum / Math.sqrt(size);
                            };
                    var shares =
                            shares(
                                    n,
                                    t,
                                    KEYS,
                                    score,
                                    (row, s) ->
                                            (!causal || s <= row)
                                                            && (mask == null
                                                                    || at(mask, example, row, s)
                                                                            == 1)
                                                    ? 1
                                                    : 0);
                    for (int c = 0; c < valueSize; c++) {
                        double sum = 0;
                        for (int s = 0; s < KEYS; s++)
                            sum += shares[s] * projected(y, w[4], w[5], n, s, of, c);
                        for (int o = 0; o < 5; o++) expected[o] += sum * at(w[6], h, c, o);
                    }
                }
                for (int c = 0; c < 5; c++)
                    assertClose(expected[c], result, (n * QUERIES + t) * 5 + c);
            }
        }
    }

    private static Tensor[] weights(int width, int heads, int shared, int size, int valueSize) {
        return new Tensor[] {
            SmallModel.random(5, 5, heads, size),
            SmallModel.random(6, heads, size),
            SmallModel.random(7, width, shared, size),
            SmallModel.random(8, shared, size),
            SmallModel.random(9, width, shared, valueSize),
            SmallModel.random(10, shared, valueSize),
            SmallModel.random(11, heads, valueSize, 5),
            SmallModel.random(12, 5)
        };
    }

    @Test
    void severalHeads() {
        var y = SmallModel.random(13, BATCH, KEYS, 4);
        var w = weights(4, 2, 2, 3, 2);
        var attributes =
                "'num_heads': 2, 'key_dim': 3, 'value_dim': 2, 'dropout': 0.1, 'use_bias': true, 'output_shape': null, 'attention_axes': [1]";
        // as Keras 2 writes a call, and as Keras 3 does
        var two = "[[['x0', 0, 0, {'value': ['x1', 0, 0], 'use_causal_mask': true}]]]";
        var model =
                SmallModel.functional(
                        "2.11.0",
                        "MultiHeadAttention",
                        attributes,
                        List.of("3, 5", "4, 4"),
                        two,
                        w);
        checkHeads(model, q, y, null, 2, 2, 3, 2, true, w);
        var tensor =
                "{'class_name': '__keras_tensor__', 'config': {'shape': [null, 3, 5], 'dtype': 'float32', 'keras_history': ['%s', 0, 0]}}";
        var three =
                "[{'args': [%s, %s], 'kwargs': {'attention_mask': %s, 'training': null, 'return_attention_scores': false}}]"
                        .formatted(
                                tensor.formatted("x0"),
                                tensor.formatted("x1"),
                                tensor.formatted("x2"));
        var masked =
                SmallModel.functional(
                        "3.3.0",
                        "MultiHeadAttention",
                        attributes,
                        List.of("3, 5", "4, 4", "3, 4"),
                        three,
                        w);
        var mask =
                Tensor.of(
                        new float[] {
                            1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1
                        },
                        2,
                        3,
                        4);
        checkHeads(masked, q, y, mask, 2, 2, 3, 2, false, w);
    }

    @Test
    void headsThatShareKeys() {
        var y = SmallModel.random(14, BATCH, KEYS, 4);
        var w = weights(4, 4, 2, 3, 3);
        var model =
                SmallModel.functional(
                        "3.8.0",
                        "GroupedQueryAttention",
                        "'head_dim': 3, 'num_query_heads': 4, 'num_key_value_heads': 2",
                        List.of("3, 5", "4, 4"),
                        "[[['x0', 0, 0, {}], ['x1', 0, 0, {}]]]",
                        w);
        checkHeads(model, q, y, null, 4, 2, 3, 3, false, w);
    }

    @Test
    void whatIsWrongIsNamed() {
        var one = SmallModel.of("2.9.0", "Attention", "", "3, 5");
        assertEquals(
                "Attention 'd' (%s): inputs: expected query, value and perhaps key, got 1",
                message(one));
        var value =
                SmallModel.of(
                        "2.9.0", "MultiHeadAttention", "'num_heads': 2, 'key_dim': 3", "3, 5");
        assertEquals(
                "MultiHeadAttention 'd' (%s): value: expected a tensor, got none", message(value));
        var argument =
                SmallModel.functional(
                        "2.9.0",
                        "Attention",
                        "",
                        List.of("3, 5", "3, 5"),
                        "[[['x0', 0, 0, {'twist': 3}], ['x1', 0, 0, {}]]]");
        assertEquals(
                "Attention 'd' (%s): call argument 'twist': expected none, got 3",
                message(argument));
        var tensor =
                SmallModel.functional(
                        "2.9.0",
                        "Attention",
                        "",
                        List.of("3, 5", "3, 5"),
                        "[[['x0', 0, 0, {'twist': ['x1', 0, 0]}], ['x1', 0, 0, {}]]]");
        assertEquals(
                "Attention 'd' (%s): call argument 'twist': expected none, got a tensor",
                message(tensor));
    }

    /// {@return the complaint, `%s` standing for the file}
    private static String message(SmallModel model) {
        var importer = model.importer();
        var e = assertThrows(GraphException.class, importer::graph);
        return String.valueOf(e.getMessage()).replaceAll("\\(model\\d+\\.h5\\)", "(%s)");
    }
}
