package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.MicrosoftNode.ABSENT;
import static io.webdnn.importer.onnx.MicrosoftNode.random;
import static io.webdnn.importer.onnx.MicrosoftNode.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Attention of ONNX Runtime's own domain beside loops over its definition.
class MicrosoftAttentionTest {
    private static final int BATCH = 2;
    private static final int HEADS = 3;
    private static final int SIZE = 4;
    private static final int HIDDEN = HEADS * SIZE;
    private static final Fields NUM_HEADS = OnnxWriter.integer("num_heads", HEADS);

    @TempDir Path directory;

    /// An element of a query, key or value.
    private interface At {
        double of(int batch, int head, int position, int c);
    }

    /// What is added to a score.
    private interface Added {
        double of(int batch, int head, int row, int column);
    }

    private static void expect(
            Tensor y, int rows, int columns, double scale, At q, At k, At v, Added added) {
        for (int b = 0; b < BATCH; b++)
            for (int h = 0; h < HEADS; h++)
                for (int i = 0; i < rows; i++) {
                    var weights = new double[columns];
                    double sum = 0;
                    for (int j = 0; j < columns; j++) {
                        double score = 0;
                        for (int c = 0; c < SIZE; c++) score += q.of(b, h, i, c) * k.of(b, h, j, c);
                        weights[j] = Math.exp(score * scale + added.of(b, h, i, j));
                        sum += weights[j];
                    }
                    for (int c = 0; c < SIZE; c++) {
                        double expected = 0;
                        for (int j = 0; j < columns; j++)
                            expected += weights[j] / sum * v.of(b, h, j, c);
                        int at = ((b * rows + i) * HEADS + h) * SIZE + c;
                        assertThat(y.getDouble(at)).isCloseTo(expected, within(1e-5));
                    }
                }
    }

    /// {@return the elements of `[batch, length, hidden]` plus those of a bias from a place on}
    private static At flat(Tensor x, int length, Tensor bias, int from) {
        return (b, h, i, c) ->
                x.getDouble((b * length + i) * HIDDEN + h * SIZE + c)
                        + (bias.size() == 0 ? 0 : bias.getDouble(from + h * SIZE + c));
    }

    /// {@return the elements of `[batch, heads, length, size]`}
    private static At ready(Tensor x, int length) {
        return (b, h, i, c) -> x.getDouble(((b * HEADS + h) * length + i) * SIZE + c);
    }

    /// {@return the elements of a past, then those behind it}
    private static At joined(At past, int count, At x) {
        return (b, h, i, c) -> i < count ? past.of(b, h, i, c) : x.of(b, h, i - count, c);
    }

    private List<Tensor> run(List<Tensor> inputs, int outputs, Fields... attributes) {
        return MicrosoftNode.run(directory, "MultiHeadAttention", inputs, outputs, attributes);
    }

    @Test
    void multiHeadAttentionWithBiasMaskAndPast() {
        var q = random(1, BATCH, 3, HIDDEN);
        var k = random(2, BATCH, 3, HIDDEN);
        var v = random(3, BATCH, 3, HIDDEN);
        var bias = random(4, 3 * HIDDEN);
        var mask = Tensor.of(new int[] {1, 1, 1, 1, 0, 0, 1, 1, 1, 1}, BATCH, 5);
        var added = random(5, 1, HEADS, 3, 5);
        var pastKeys = random(6, BATCH, HEADS, 2, SIZE);
        var pastValues = random(7, BATCH, HEADS, 2, SIZE);
        var given =
                run(
                        List.of(q, k, v, bias, mask, added, pastKeys, pastValues),
                        3,
                        NUM_HEADS,
                        OnnxWriter.integer("unidirectional", 1));
        var keys = joined(ready(pastKeys, 2), 2, flat(k, 3, bias, HIDDEN));
        var values = joined(ready(pastValues, 2), 2, flat(v, 3, bias, 2 * HIDDEN));
        expect(
                given.get(0),
                3,
                5,
                1 / Math.sqrt(SIZE),
                flat(q, 3, bias, 0),
                keys,
                values,
                (b, h, i, j) ->
                        mask.getLong(b * 5 + j) == 0 || j > i + 2
                                ? Double.NEGATIVE_INFINITY
                                : added.getDouble((h * 3 + i) * 5 + j));
        for (int j = 0; j < 5; j++) {
            int at = ((HEADS + 1) * 5 + j) * SIZE + 2; // of batch 1, head 1
            assertThat(given.get(1).getDouble(at)).isCloseTo(keys.of(1, 1, j, 2), within(1e-6));
            assertThat(given.get(2).getDouble(at)).isCloseTo(values.of(1, 1, j, 2), within(1e-6));
        }
    }

    @Test
    void keysFromElsewhere() {
        var q = random(1, BATCH, 3, HIDDEN);
        var k = random(2, BATCH, HEADS, 5, SIZE);
        var v = random(3, BATCH, HEADS, 5, SIZE);
        var ends = Tensor.of(new int[] {5, 2}, BATCH);
        var scale = OnnxWriter.real("scale", 0.25f);
        var y = run(List.of(q, k, v, ABSENT, ends), 1, NUM_HEADS, scale).getFirst();
        expect(
                y,
                3,
                5,
                0.25,
                flat(q, 3, ABSENT, 0),
                ready(k, 5),
                ready(v, 5),
                (b, h, i, j) -> j < ends.getLong(b) ? 0 : Double.NEGATIVE_INFINITY);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void packed(int parts) {
        var all = random(1, BATCH, 3, HEADS, parts, SIZE);
        var q = random(2, BATCH, 3, HIDDEN);
        var y = run(parts == 3 ? List.of(all) : List.of(q, all), 1, NUM_HEADS).getFirst();
        int first = parts - 2;
        At queries =
                parts == 2
                        ? flat(q, 3, ABSENT, 0)
                        : (b, h, i, c) -> packed(all, parts, 0, b, h, i, c);
        expect(
                y,
                3,
                3,
                1 / Math.sqrt(SIZE),
                queries,
                (b, h, i, c) -> packed(all, parts, first, b, h, i, c),
                (b, h, i, c) -> packed(all, parts, first + 1, b, h, i, c),
                (b, h, i, j) -> 0);
    }

    private static double packed(Tensor all, int parts, int part, int b, int h, int i, int c) {
        return all.getDouble((((b * 3 + i) * HEADS + h) * parts + part) * SIZE + c);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void attention(boolean isWhole) {
        var x = random(1, BATCH, 3, 5);
        var weights = random(2, 5, 3 * HIDDEN);
        var bias = random(3, 3 * HIDDEN);
        var past = random(4, 2, BATCH, HEADS, 2, SIZE);
        // where each sequence ends, then where it begins
        var mask = Tensor.of(new int[] {4, 5, 1, 0}, 2 * BATCH);
        var given =
                MicrosoftNode.run(
                        directory,
                        "Attention",
                        isWhole ? List.of(x, weights, bias, mask, past) : List.of(x, weights),
                        isWhole ? 2 : 1,
                        NUM_HEADS,
                        OnnxWriter.integer("unidirectional", isWhole ? 1 : 0));
        int before = isWhole ? 2 : 0;
        var parts = new At[3];
        for (int p = 0; p < 3; p++) {
            int from = p * HIDDEN;
            At own =
                    (b, h, i, c) -> {
                        int column = from + h * SIZE + c;
                        double sum = isWhole ? bias.getDouble(column) : 0;
                        for (int d = 0; d < 5; d++)
                            sum +=
                                    x.getDouble((b * 3 + i) * 5 + d)
                                            * weights.getDouble(d * 3 * HIDDEN + column);
                        return sum;
                    };
            int half = (p - 1) * BATCH;
            parts[p] =
                    p == 0
                            ? own
                            : joined(
                                    (b, h, i, c) -> ready(past, 2).of(half + b, h, i, c),
                                    before,
                                    own);
        }
        expect(
                given.get(0),
                3,
                3 + before,
                1 / Math.sqrt(SIZE),
                parts[0],
                parts[1],
                parts[2],
                (b, h, i, j) ->
                        isWhole
                                        && (j > i + 2
                                                || j >= mask.getLong(b)
                                                || j < mask.getLong(BATCH + b))
                                ? Double.NEGATIVE_INFINITY
                                : 0);
        if (!isWhole) return;
        for (int p = 1; p < 3; p++)
            for (int j = 0; j < 5; j++) {
                int at = ((((p - 1) * BATCH + 1) * HEADS + 2) * 5 + j) * SIZE + 3;
                assertThat(given.get(1).getDouble(at))
                        .isCloseTo(parts[p].of(1, 2, j, 3), within(1e-5));
            }
    }

    /// Weights have a scale and a zero point for each column.
    @Test
    void quantizedAttention() {
        var x = whole(1, DType.UINT8, 0, 256, BATCH, 3, 5);
        var weights = whole(2, DType.INT8, -128, 128, 5, 3 * HIDDEN);
        var bias = random(3, 3 * HIDDEN);
        var scales = random(4, 3 * HIDDEN);
        var zeros = whole(5, DType.INT8, -9, 9, 3 * HIDDEN);
        var past = random(6, 2, BATCH, HEADS, 2, SIZE);
        var mask = Tensor.of(new int[] {1, 1, 1, 1, 0, 0, 1, 1, 1, 1}, BATCH, 5);
        var scale = Tensor.scalar(DType.FLOAT32, 0.001);
        var zero = Tensor.scalar(DType.UINT8, 100);
        var given =
                MicrosoftNode.run(
                        directory,
                        "QAttention",
                        List.of(x, weights, bias, scale, scales, mask, zero, zeros, past),
                        2,
                        NUM_HEADS,
                        OnnxWriter.integer("unidirectional", 1));
        var parts = new At[3];
        for (int p = 0; p < 3; p++) {
            int from = p * HIDDEN;
            At own =
                    (b, h, i, c) -> {
                        int column = from + h * SIZE + c;
                        long sum = 0;
                        for (int d = 0; d < 5; d++)
                            sum +=
                                    (x.getLong((b * 3 + i) * 5 + d) - 100)
                                            * (weights.getLong(d * 3 * HIDDEN + column)
                                                    - zeros.getLong(column));
                        return sum * 0.001f * scales.getDouble(column) + bias.getDouble(column);
                    };
            int half = (p - 1) * BATCH;
            At before = (b, h, i, c) -> ready(past, 2).of(half + b, h, i, c);
            parts[p] = p == 0 ? own : joined(before, 2, own);
        }
        expect(
                given.get(0),
                3,
                5,
                1 / Math.sqrt(SIZE),
                parts[0],
                parts[1],
                parts[2],
                (b, h, i, j) ->
                        j > i + 2 || mask.getLong(b * 5 + j) == 0 ? Double.NEGATIVE_INFINITY : 0);
        int last = given.get(1).size() - 1;
        assertThat(given.get(1).getDouble(last))
                .isCloseTo(parts[2].of(BATCH - 1, HEADS - 1, 4, SIZE - 1), within(1e-4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"halves", "interleaved", "partial", "from 2 on", "head by head"})
    void rotaryEmbedding(String kind) {
        boolean isInterleaved = kind.equals("interleaved");
        boolean isPartial = kind.equals("partial");
        boolean isReady = kind.equals("head by head");
        int pairs = isPartial ? 1 : 2;
        var x = isReady ? random(1, BATCH, HEADS, 3, SIZE) : random(1, BATCH, 3, HIDDEN);
        var angles = random(2, 8, pairs);
        var cos = Tensor.of(new float[8 * pairs], 8, pairs);
        var sin = Tensor.of(new float[8 * pairs], 8, pairs);
        for (int i = 0; i < angles.size(); i++) {
            cos.setDouble(i, Math.cos(3 * angles.getDouble(i)));
            sin.setDouble(i, Math.sin(3 * angles.getDouble(i)));
        }
        var ids =
                kind.equals("from 2 on")
                        ? Tensor.of(new long[] {2}, 1)
                        : Tensor.of(new long[] {0, 1, 2, 7, 5, 6}, BATCH, 3);
        var y =
                MicrosoftNode.run(
                                directory,
                                "RotaryEmbedding",
                                List.of(x, ids, cos, sin),
                                1,
                                OnnxWriter.integer("interleaved", isInterleaved ? 1 : 0),
                                OnnxWriter.integer("num_heads", isPartial ? HEADS : 0),
                                OnnxWriter.integer("rotary_embedding_dim", isPartial ? 2 : 0))
                        .getFirst();
        for (int b = 0; b < BATCH; b++)
            for (int h = 0; h < HEADS; h++)
                for (int i = 0; i < 3; i++) {
                    int base =
                            isReady
                                    ? ((b * HEADS + h) * 3 + i) * SIZE
                                    : (b * 3 + i) * HIDDEN + h * SIZE;
                    long place = ids.size() == 1 ? 2 + i : ids.getLong(b * 3 + i);
                    for (int p = 0; p < pairs; p++) {
                        double angle = 3 * angles.getDouble((int) place * pairs + p);
                        int first = base + (isInterleaved ? 2 * p : p);
                        int second = isInterleaved ? first + 1 : first + pairs;
                        double u = x.getDouble(first);
                        double w = x.getDouble(second);
                        assertThat(y.getDouble(first))
                                .isCloseTo(u * Math.cos(angle) - w * Math.sin(angle), within(1e-5));
                        assertThat(y.getDouble(second))
                                .isCloseTo(u * Math.sin(angle) + w * Math.cos(angle), within(1e-5));
                    }
                    for (int c = 2 * pairs; c < SIZE; c++)
                        assertThat(y.getDouble(base + c)).isEqualTo(x.getDouble(base + c));
                }
    }

    /// Expects outputs by names for extents to be those by numbers, which other tests look at.
    private void expectSame(
            String domain, String operator, List<Tensor> inputs, String shapes, Fields... of) {
        var graphs = new ArrayList<Graph>();
        for (boolean isNamed : new boolean[] {false, true}) {
            var model = new ModelFile().opset(domain, domain.isEmpty() ? 24 : 1);
            var names = new ArrayList<String>();
            var extents = shapes.split("; ", -1);
            for (int i = 0; i < inputs.size(); i++) {
                var input = inputs.get(i);
                names.add(input.size() == 0 ? "" : "x" + i);
                if (input.size() == 0) continue;
                var dimensions = new ArrayList<Dimension>();
                var symbols = extents[i].split(" ", -1);
                for (int d = 0; d < input.rank(); d++) {
                    boolean isSymbol = isNamed && !symbols[d].equals("_");
                    int extent = input.shape()[d];
                    dimensions.add(isSymbol ? Dimension.symbol(symbols[d]) : Dimension.of(extent));
                }
                model.input("x" + i, new TensorType(input.dtype(), new Shape(dimensions)));
            }
            model.nodeOf(domain, operator, "n", names, List.of("y"), of).output("y");
            graphs.add(OnnxImporter.read(model.write(directory)).graph());
        }
        var given = inputs.stream().filter(input -> input.size() > 0).toList();
        var y = Interpreter.run(graphs.get(1), given).getFirst();
        assertThat(graphs.get(1).outputs().getFirst().type().shape().isFixed()).isFalse();
        assertThat(y.floats())
                .containsExactly(Interpreter.run(graphs.get(0), given).getFirst().floats());
    }

    @Test
    void lengthsMayBeSymbols() {
        var x = random(1, BATCH, 3, HIDDEN);
        var weights = random(2, HIDDEN, 3 * HIDDEN);
        var ends = Tensor.of(new int[] {4, 5, 1, 0}, 2 * BATCH);
        var past = random(4, 2, BATCH, HEADS, 2, SIZE);
        var causal = OnnxWriter.integer("unidirectional", 1);
        var own = MicrosoftOperators.DOMAIN;
        expectSame(
                own,
                "Attention",
                List.of(x, weights, ABSENT, ends, past),
                "_ T _; _ _; ; _; _ _ _ P _",
                NUM_HEADS,
                causal);
        var keys = random(5, BATCH, HEADS, 2, SIZE);
        expectSame(
                own,
                "MultiHeadAttention",
                List.of(x, x, x, ABSENT, ABSENT, ABSENT, keys, keys),
                "N T _; N T _; N T _; ; ; ; N _ P _; N _ P _",
                NUM_HEADS,
                causal);
        var angles = random(6, 8, 2);
        expectSame(
                own,
                "RotaryEmbedding",
                List.of(x, Tensor.of(new long[] {2}, 1), angles, angles),
                "N T _; _; _ _; _ _");
        var q = random(7, BATCH, HEADS, 3, SIZE);
        expectSame(
                "",
                "Attention",
                List.of(q, q, q, ABSENT, ABSENT, ABSENT, Tensor.of(new long[] {3, 2}, 2)),
                "_ _ T _; _ _ T _; _ _ T _; ; ; ; _",
                OnnxWriter.integer("is_causal", 1),
                OnnxWriter.integer("left_window_size", 1));
    }

    @Test
    void whatIsNotTakenIsRefused() {
        var x = random(1, BATCH, 3, HIDDEN);
        assertThatThrownBy(() -> run(List.of(x, x, x), 1))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "MultiHeadAttention 'n' (model.onnx, node 0): num_heads: expected a number"
                                + " >= 1, got 0");
        assertThatThrownBy(() -> run(List.of(x, x, x), 4, NUM_HEADS))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("output 3 (qk): expected none, got one that is used");
        assertThatThrownBy(() ->
                        MicrosoftNode.run(
                                directory,
                                "Attention",
                                List.of(x, random(2, HIDDEN, 3 * HIDDEN)),
                                1,
                                NUM_HEADS,
                                OnnxWriter.integer("do_rotary", 1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("do_rotary: expected 0, got 1");
        assertThatThrownBy(
                        () -> run(List.of(x, x, x, ABSENT, Tensor.of(new int[3], 3)), 1, NUM_HEADS))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("mask: expected 2 or 4 positions, got int32[3]");
        assertThatThrownBy(
                        () -> run(List.of(x, x, x), 1, NUM_HEADS, OnnxWriter.integer("window", 1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("attribute 'window'");
    }
}
